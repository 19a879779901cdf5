/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text as a terminal shows it: characters of UTF-8, and how many columns they take.
 *
 * Any thread may call anything; the program's locale is neither needed nor changed. Nothing is below. */
#ifndef HAK_OUTPUT_UTF8_H
#define HAK_OUTPUT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What utf8_next says of a byte that begins no character. */
#define UTF8_INVALID UINT32_MAX

/* The character at TEXT, which is not at its end: writes it, or UTF8_INVALID, and returns its bytes (1 to 4). */
size_t utf8_next(const char *text, uint32_t *character);

/* Columns of CHARACTER: 0 for one that combines with the one before, 2 for a wide one, else 1, also where it is invalid
 * or not known. */
unsigned utf8_character_width(uint32_t character);

/* Columns of the first BYTES of TEXT. */
size_t utf8_width(const char *text, size_t bytes);

/* Replaces what is no character of a line by '?': control characters, bytes that are not UTF-8 and, unless UTF8, all
 * that is not ASCII. TEXT gets no longer. */
void utf8_clean(char *text, bool utf8);

/* The same of a text that may have several lines, and colours: escape sequences that change nothing else. */
void utf8_clean_lines(char *text);

/* Whether the user's environment says that texts are in UTF-8: what a terminal shows as characters then. */
bool utf8_is_wanted(void);

#endif
