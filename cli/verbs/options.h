/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of options, as people write them on the command line, and the one line that a wrong one gets.
 *
 * Nothing here has state but usage_error, which writes to stderr; main thread. Nothing is below. */
#ifndef HAK_VERBS_OPTIONS_H
#define HAK_VERBS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* What hakmem-bench takes at most. */
#define OPTION_MOST_OPERATIONS UINT64_C(1000000000000000)
#define OPTION_MOST_THREADS 1024u

/* A length of time above 0: "90s", "2m", "1h", "500ms", "1.5m", or plain seconds. False, and *SECONDS untouched, for
 * anything else. */
bool option_duration(const char *text, double *seconds);
#define OPTION_DURATION_RANGE "a duration of at most 10000h (60s, 2m, 1h)"

/* A whole decimal number without a sign. */
bool option_number(const char *text, uint64_t *number);

/* One that a seed can be: as large as a whole number in JSON. */
bool option_seed(const char *text, uint64_t *seed);
#define OPTION_SEED_RANGE "a whole number from 0 to 9223372036854775807"

/* A share of 0 or more: "5", "5%", "2.5%". *PERCENT is 5 for all of "5" and "5%". */
bool option_percent(const char *text, double *percent);

/* Writes "hakmem-tune: " and the message (without a newline) and where help is to be found to stderr; returns 2, the
 * exit status for it. */
int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
