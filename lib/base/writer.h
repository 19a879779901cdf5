/* SPDX-License-Identifier: MIT */
/* Text that is put together in memory of the caller's. Nothing here allocates, asks for the locale or has state, so
 * that a signal handler may use it, and numbers look the same everywhere. (printf promises none of that, and is some
 * 100 KiB of the C library's code, which most programs do not have in memory.) Nothing is below. */
#ifndef HAK_BASE_WRITER_H
#define HAK_BASE_WRITER_H

#include "lib/base/compiler.h"

#include <stddef.h>
#include <stdint.h>

/* What is longer than SIZE - 1 bytes is cut there; TEXT ends with NUL at any time, if SIZE is not 0. */
struct writer {
    char *text;    /* const; may be NULL where SIZE is 0 */
    size_t size;   /* const: bytes of it */
    size_t length; /* of the text, with what was cut */
};

COLD struct writer writer_start(char *text, size_t size);

COLD void writer_add(struct writer *, const char *text);
COLD void writer_add_character(struct writer *, char character);
COLD void writer_add_number(struct writer *, uint64_t number);
/* At least DIGITS digits, zeros in front. */
COLD void writer_add_digits(struct writer *, uint64_t number, unsigned digits);
/* "0x17ff" */
COLD void writer_add_hexadecimal(struct writer *, uint64_t number);
/* VALUE, not negative and below 2^53, with DECIMALS (up to 6) digits behind the point, whatever the locale's point is.
 */
COLD void writer_add_decimal(struct writer *, double value, unsigned decimals);
/* "17 B", "1.5 KiB", "12.3 MiB" */
COLD void writer_add_size(struct writer *, uint64_t bytes);

/* Has SHOWN in place of all control characters, for a terminal that is to show a name, not to obey it. */
COLD void writer_show_controls(char *text, size_t length, char shown);

/* Bytes of the text that are there. */
COLD size_t writer_kept(const struct writer *);

#endif
