/* SPDX-License-Identifier: MIT */
/* Numbers with units, as people write them in profiles and on command lines: 64KiB, 50%, 100ms.
 *
 * Pure functions: they allocate nothing, have no state, and do not depend on the locale; any thread may call them.
 * Below: writer. */
#ifndef HAK_BASE_UNITS_H
#define HAK_BASE_UNITS_H

#include "lib/base/compiler.h"

#include <stddef.h>
#include <stdint.h>

#define HAK_KIB UINT64_C(1024)
#define HAK_MIB (HAK_KIB * 1024)
#define HAK_GIB (HAK_MIB * 1024)

/* Room for any text that a hak_units_format_ function writes, its NUL included: 20 digits of a uint64_t and the longest
 * unit. */
#define HAK_UNITS_TEXT 32

enum hak_units_status {
    HAK_UNITS_OK,
    HAK_UNITS_NO_NUMBER, /* does not start with a whole decimal number without sign and leading zeros (010 is 8 to some
                            readers) */
    HAK_UNITS_UNKNOWN_UNIT, /* what follows the number is no unit of this kind, a blank before it included */
    HAK_UNITS_MISSING_UNIT, /* this kind needs a unit and there is none */
    HAK_UNITS_TOO_LARGE     /* does not fit into 64 bits */
};

/* Each parses the whole of TEXT and sets *VALUE only when it returns HAK_UNITS_OK. */
COLD enum hak_units_status hak_units_parse_integer(const char *text, uint64_t *value); /* 17 */
COLD enum hak_units_status hak_units_parse_size(const char *text, uint64_t *value); /* bytes: 17, 64KiB, 2MiB, 1GiB */
COLD enum hak_units_status hak_units_parse_percent(const char *text, uint64_t *value); /* percent: 50% */
COLD enum hak_units_status hak_units_parse_delay(const char *text,
                                                 uint64_t *value); /* milliseconds: 100ms, 2s, and 0 without a unit */
COLD enum hak_units_status hak_units_parse_share(const char *text,
                                                 uint64_t *value); /* one in so many: 1/5000; and 0, for none */

/* The unit that follows the number in TEXT (for messages): the rest of TEXT after its leading digits. */
COLD const char *hak_units_suffix(const char *text);

/* Each writes VALUE so that its parse function reads the same value back, in the largest unit that holds it exactly,
 * and returns TEXT. SIZE is at least HAK_UNITS_TEXT. */
COLD const char *hak_units_format_integer(uint64_t value, char *text, size_t size);
COLD const char *hak_units_format_size(uint64_t value, char *text, size_t size);
COLD const char *hak_units_format_percent(uint64_t value, char *text, size_t size);
COLD const char *hak_units_format_delay(uint64_t value, char *text, size_t size);
COLD const char *hak_units_format_share(uint64_t value, char *text, size_t size);

#endif
