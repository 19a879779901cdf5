/* SPDX-License-Identifier: MIT */
/* Large blocks between guard pages (security.guard_pages). A mapping is inaccessible but for the pages that the block
 * lies in, and the block ends where these do, or as little before that as its alignment lets it:
 *
 *     base                data                       end              base + bytes
 *     |  inaccessible     | pattern | block | pattern |  inaccessible  |
 *
 * Who goes on behind the end, or before the pages, gets a SIGSEGV. What is left of the first page before the block, and
 * of the last one behind it (less than 16 bytes, or than the alignment; up to a page after realloc has changed the
 * block in place), holds a pattern, which is looked at when the block is freed, reallocated, or asked for its size.
 *
 * Where the kernel refuses guard pages the block is there without them, which is said once.
 *
 * Under the lock of large.h. Below: large_block, huge, page_map, place, pool, base/os_guard, base/secret. */
#ifndef HAK_SPACE_LARGE_GUARD_H
#define HAK_SPACE_LARGE_GUARD_H

#include "lib/space/large_block.h"

/* Maps memory for BYTES at a multiple of ALIGNMENT, with huge pages if HUGE, and notes it in LARGE. False if refused.
 */
bool large_guard_map(struct large *large, size_t bytes, size_t alignment, bool huge);

/* What was found to be written to of a block's patterns. */
struct large_damage {
    const void *block;
    size_t asked;     /* its bytes */
    ptrdiff_t offset; /* of the first byte that was written to: behind these, or negative */
};

/* Whether the patterns are as they were; if not *DAMAGE says where. */
bool large_guard_is_whole(const struct large *large, struct large_damage *damage);

/* Reports that (report_misuse); FUNCTION names the caller. Without the lock. */
COLD void large_guard_report(const struct large_damage *damage, const char *function);

/* Gives the block BYTES in place, or moves its memory: then *MAPPED is set to the bytes of its mapping, which are not
 * noted in LARGE. False if it has to be copied. */
bool large_guard_resize(struct large *large, size_t bytes, size_t *mapped);

#endif
