/* SPDX-License-Identifier: MIT */
/* How large a block is: malloc_usable_size and what realloc needs of it. Below: harden,
 * thread_cache, page_map, large. */
#ifndef HAK_API_USABLE_H
#define HAK_API_USABLE_H

#include "lib/guarded/guarded.h"
#include "lib/harden/harden.h"
#include "lib/heap/sampled.h"
#include "lib/space/large.h"
#include "lib/space/page_map.h"
#include "lib/thread/thread_cache.h"

#include <stddef.h>

/* What there is where POINTER is no block in use, and the report of that (report_misuse) has returned. */
#define USABLE_NONE SIZE_MAX
_Static_assert(USABLE_NONE == LARGE_NONE && USABLE_NONE == SAMPLED_NONE && USABLE_NONE == GUARDED_NONE, "of any heap");

/* Bytes that may be used in the block at POINTER, which is not NULL; ENTRY is the page map's. Where it is no block, or
 * one that is seen to be free, that is reported; FUNCTION names the caller. Any thread. usable_bytes_elsewhere: ENTRY
 * is one of PAGE_SPECIAL_MOST and below. */
size_t usable_bytes_small(const void *pointer, uint32_t entry, const char *function);
size_t usable_bytes_elsewhere(const void *pointer, uint32_t entry, const char *function);

/* Whether what can be told without its slab speaks for it that the small block at POINTER, in a page with ENTRY, is in
 * use: it starts where one may, and is not the one that was freed last. Where slabs have more than one page that is
 * nothing; and where a free has more to look at (security). */
static ALWAYS_INLINE bool usable_seems_taken(const void *pointer, uint32_t entry)
{
    const struct size_class *class = &size_classes[page_map_class(entry)];
    const char *page = (const char *)pointer - (uintptr_t)pointer % PAGE_BYTES;
    size_t steps = size_class_steps(page, pointer);
    return class->pages == 1 && LIKELY(!harden_is_on) && steps < PAGE_BYTES / SIZE_STEP &&
           size_class_place_is_start(size_class_place(steps, class->inverse), class->inverse) &&
           !pointer_stack_has_newest(thread_cache_stack(thread_cache_of_thread, page_map_class(entry)), pointer, 1);
}

static inline size_t usable_bytes_in(const void *pointer, uint32_t entry, const char *function)
{
    return LIKELY(entry > PAGE_SPECIAL_MOST) ? usable_bytes_small(pointer, entry, function)
                                             : usable_bytes_elsewhere(pointer, entry, function);
}

#endif
