/* SPDX-License-Identifier: MIT */
/* Text that comes from outside and goes into one-line messages and files: UTF-8 and what of it may be shown.
 *
 * Pure functions; any thread may call them. Nothing is below. */
#ifndef HAK_PROFILE_TEXT_H
#define HAK_PROFILE_TEXT_H

#include "lib/base/compiler.h"

#include <stddef.h>
#include <stdint.h>

/* Room for a value quoted in a message. Longer ones are cut: the position in the file says where the rest is. */
#define HAK_TEXT_EXCERPT 48

/* Bytes of the well-formed UTF-8 character (RFC 3629) at TEXT, of which LEFT bytes are readable; 0 if there is none.
 * Sets *CODE to it. */
COLD size_t hak_text_utf8(const char *text, size_t left, uint32_t *code);

/* Copies TEXT into BUFFER as one printable line of at most SIZE - 1 bytes: '?' for every control character, line break
 * and byte that is not UTF-8; "..." at the end of what was cut. Returns BUFFER. SIZE is at least 8. */
COLD const char *hak_text_excerpt(const char *text, char *buffer, size_t size);

/* The same, but keeping the end of TEXT ("...e/profiles/mine.yaml"), which is the telling part of a path. */
COLD const char *hak_text_excerpt_end(const char *text, char *buffer, size_t size);

/* FIRST, SECOND and THIRD one behind the other in BUFFER, cut to SIZE - 1 bytes. Returns the length that they have
 * uncut. (printf is some 100 KiB of the C library's code, which most programs do not have in memory.) */
COLD size_t hak_text_join(char *buffer, size_t size, const char *first, const char *second, const char *third);

#endif
