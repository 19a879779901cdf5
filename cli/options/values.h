/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of options, as people write them on the command line, and what is expected where one is wrong.
 *
 * Pure functions; any thread may call them. Below: table. */
#ifndef HAK_OPTIONS_VALUES_H
#define HAK_OPTIONS_VALUES_H

#include "cli/options/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A length of time above 0: "90s", "2m", "1h", "500ms", "1.5m", or plain seconds. False, and *SECONDS untouched, for
 * anything else. */
bool option_duration(const char *text, double *seconds);

/* A whole decimal number without a sign. */
bool option_number(const char *text, uint64_t *number);

/* A share of 0 or more: "5", "5%", "2.5%". *PERCENT is 5 for all of "5" and "5%". */
bool option_percent(const char *text, double *percent);

/* The largest number that ROW takes, or how many values a list does. */
uint64_t option_most(const struct option_row *row);

/* Reads TEXT as the value of ROW and stores it in OPTIONS. False, and nothing stored, where it is none. */
bool option_store(const struct option_row *row, const char *text, struct options *options);

/* Sets OPTIONS to VERB's defaults. */
void option_defaults(enum verb verb, struct options *options);

/* Sets the field of ROW, which is one of the table, to its default, as if it had not been given. */
void option_reset(const struct option_row *row, struct options *options);

/* Gives TO's ROW the value that FROM's has as its ANOTHER, which may be the same. Of a list the items: NAME=VALUE or
 * NAME,WORDS=VALUE takes the place of one of the same name. False: they are too many, or ROW does not take the value.
 */
bool option_hand_over(const struct options *from, const struct option_row *another, const struct option_row *row,
                      struct options *to);

/* Room for what option_expected writes. */
#define OPTION_EXPECTED_SIZE 256

/* What ROW takes, after "is not": "a whole number from 1 to 1024", "one of text, json". Returns TEXT. */
const char *option_expected(const struct option_row *row, char *text, size_t size);

/* Room for what option_refusal writes of a value of usual length; of a longer one the end is cut. */
#define OPTION_REFUSAL_SIZE 1024

/* Why option_store does not take VALUE for ROW, which NAME is called: "--budget: '5x' is not a duration". Returns
 * TEXT. */
const char *option_refusal(const struct option_row *row, const char *name, const char *value, char *text, size_t size);

#endif
