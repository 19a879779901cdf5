/* SPDX-License-Identifier: MIT */
/* How large a block is: malloc_usable_size and what realloc needs of it. Below: page_map, size_class, large. */
#ifndef HAK_API_USABLE_H
#define HAK_API_USABLE_H

#include "lib/heap/size_class.h"
#include "lib/space/page_map.h"

#include <stddef.h>

/* What usable_bytes does not do itself: ENTRY is the page map's. */
size_t usable_bytes_elsewhere(const void *pointer, uint32_t entry, const char *function);

/* Bytes that may be used in the block at POINTER, which is not NULL. Ends the program if it is no block; FUNCTION names
 * the caller. Any thread. */
static ALWAYS_INLINE size_t usable_bytes(const void *pointer, const char *function)
{
    uint32_t entry = page_map_entry(pointer);
    if (LIKELY(entry > PAGE_LARGE))
        return size_classes[page_map_class(entry)].size;
    return usable_bytes_elsewhere(pointer, entry, function);
}

#endif
