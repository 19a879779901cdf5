/* SPDX-License-Identifier: MIT */
#include "lib/api/free.h"
#include "lib/api/malloc.h"
#include "lib/api/usable.h"
#include "lib/base/gate.h"
#include "lib/base/sanitizer.h"
#include "lib/space/large.h"

#include <hakmem/hakmem.h>

#include <errno.h>
#include <string.h>

/* A block stays where it is as long as no more than a quarter of it would be unused, or a new one would be no smaller:
 * moving costs a copy, staying costs memory. */
static bool fits_in_place(size_t size, size_t usable)
{
    return size <= usable && (size >= usable - usable / 4 ||
                              (usable <= SMALL_MAX_BYTES && size_classes[size_class_of(size)].size == usable));
}

/* Where the block that there is would do, it is no use to borrow one as long. */
static void *take_new(size_t size, size_t usable)
{
    bool zeroed;
    return size <= usable && size <= SMALL_MAX_BYTES ? malloc_exact(size, BLOCK_ALIGNMENT, false, &zeroed)
                                                     : malloc_fast(size);
}

static void *move(void *pointer, size_t size, size_t usable)
{
    void *block = take_new(size, usable);
    if (UNLIKELY(block == NULL))
        return NULL; /* the old block stands; errno says why, if it is too short */
    memcpy(block, pointer, size_minimum(size, usable));
    free_fast(pointer);
    return block;
}

/* Where there is no memory for a smaller block the larger one serves. */
static void *move_or_stay(void *pointer, size_t size, size_t usable)
{
    int saved = errno;
    void *block = move(pointer, size, usable);
    if (LIKELY(block != NULL) || size > usable)
        return block;
    errno = saved;
    return pointer;
}

static void *resize_in_place(void *pointer, size_t size)
{
    if (page_map_entry(pointer) != PAGE_LARGE || UNLIKELY(!gate_enter()))
        return NULL;
    void *block = large_resize(pointer, size);
    gate_leave();
    return block;
}

/* A block that is large and stays large; or one of an arena. */
static void *resize_large(void *pointer, size_t size, size_t usable)
{
    void *block = resize_in_place(pointer, size);
    return block != NULL ? block : move_or_stay(pointer, size, usable);
}

static void *refuse(void)
{
    errno = ENOMEM;
    return NULL;
}

static ALWAYS_INLINE void *resize_of(void *pointer, size_t size, size_t usable)
{
    if (usable <= SMALL_MAX_BYTES || size <= SMALL_MAX_BYTES)
        return fits_in_place(size, usable) ? pointer : move_or_stay(pointer, size, usable);
    return resize_large(pointer, size, usable);
}

/* A large block, one of the bootstrap arena, or no block. */
static NOINLINE void *resize_other(void *pointer, size_t size, uint32_t entry)
{
    if (entry == PAGE_FOREIGN && sanitizer_allocates())
        return sanitizer_resize(pointer, size);
    return resize_of(pointer, size, usable_bytes_elsewhere(pointer, entry, "realloc"));
}

/* Apart from hak_realloc, which without it needs no stack frame for a first allocation. */
static NOINLINE void *resize(void *pointer, size_t size)
{
    if (UNLIKELY(size > PTRDIFF_MAX))
        return refuse();
    uint32_t entry = page_map_entry(pointer);
    if (UNLIKELY(entry <= PAGE_LARGE))
        return resize_other(pointer, size, entry);
    return resize_of(pointer, size, size_classes[page_map_class(entry)].size);
}

HAK_EXPORT void *hak_realloc(void *pointer, size_t size)
{
    if (pointer == NULL)
        return malloc_fast(size);
    if (UNLIKELY(size == 0)) {
        free_fast(pointer);
        return NULL;
    }
    return resize(pointer, size);
}

HAK_EXPORT void *hak_reallocarray(void *pointer, size_t count, size_t size)
{
    size_t bytes;
    if (UNLIKELY(__builtin_mul_overflow(count, size, &bytes)))
        return refuse();
    return hak_realloc(pointer, bytes);
}
