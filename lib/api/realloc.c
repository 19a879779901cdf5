/* SPDX-License-Identifier: MIT */
#include "lib/api/free.h"
#include "lib/api/malloc.h"
#include "lib/api/usable.h"
#include "lib/base/gate.h"
#include "lib/sample/sample.h"
#include "lib/space/aside.h"
#include "lib/space/large.h"

#include <hakmem/hakmem.h>

#include <errno.h>
#include <string.h>

/* A vector that grows above this gets the longest small block, and stays there: its next step, or the one after it,
 * makes it large. */
#define LONG_BYTES (SMALL_MAX_BYTES / 2)

/* A block stays where it is as long as no more than a quarter of it would be unused, or a new one would be no smaller:
 * moving costs a copy, staying costs memory. */
static bool fits_in_place(size_t size, size_t usable)
{
    if (size > usable)
        return false;
    size_t least = usable == SMALL_MAX_BYTES ? LONG_BYTES + 1 : usable - usable / 4;
    return size >= least || (usable <= SMALL_MAX_BYTES && size_classes[size_class_of(size)].size == usable);
}

/* A vector that grows by less than a quarter is copied at each class, unless it gets room to grow in. One that grows by
 * more brings its own, and above LONG_BYTES one that doubles. Short copies cost little. */
#define GROWTH_FROM_BYTES 1024

static bool wants_room(size_t size, size_t usable)
{
    if (LIKELY(usable < GROWTH_FROM_BYTES)) /* first: what comes next is not to be foreseen */
        return false;
    size_t enough = size > LONG_BYTES ? usable - usable / 4 : usable / 4;
    return size - usable < enough && size <= SMALL_MAX_BYTES;
}

/* What the largest class has in which fits_in_place lets SIZE bytes stay. Before there are classes, SIZE. */
static size_t with_room(size_t size)
{
    size_t most = size > LONG_BYTES ? SMALL_MAX_BYTES : size_minimum(size + size / 3, SMALL_MAX_BYTES);
    unsigned least_class = size_class_of(size), class = size_class_of(most);
    while (class > least_class && size_classes[class].size > most)
        class --;
    return size_maximum(size, size_classes[class].size);
}

static void *take_exact(size_t size)
{
    bool zeroed;
    return malloc_exact(size, BLOCK_ALIGNMENT, false, &zeroed);
}

/* One with room to grow is not to have so much that the next realloc makes it shorter. */
static NOINLINE void *take_with_room(size_t size)
{
    void *block = take_exact(with_room(size));
    return block != NULL ? block : malloc_fast(size);
}

/* Where there is no memory the old block stands; errno says why. */
static void *grow(void *pointer, size_t size, size_t usable)
{
    void *block = wants_room(size, usable) ? take_with_room(size) : malloc_fast(size);
    if (UNLIKELY(block == NULL))
        return NULL;
    memcpy(block, pointer, usable);
    free_fast(pointer);
    return block;
}

/* Where the block that there is would do, it is no use to borrow one as long; and where there is no memory for a
 * smaller one, it serves. */
static void *shrink(void *pointer, size_t size)
{
    int saved = errno;
    void *block = size <= SMALL_MAX_BYTES ? take_exact(size) : malloc_fast(size);
    if (UNLIKELY(block == NULL)) {
        errno = saved;
        return pointer;
    }
    memcpy(block, pointer, size);
    free_fast(pointer);
    return block;
}

static void *move(void *pointer, size_t size, size_t usable)
{
    return size > usable ? grow(pointer, size, usable) : shrink(pointer, size);
}

static void *resize_in_place(void *pointer, size_t size)
{
    if (page_map_entry(pointer) != PAGE_LARGE || UNLIKELY(!gate_enter()))
        return NULL;
    void *block = large_resize(pointer, size);
    gate_leave();
    return block;
}

/* To the heap profile a block of another length is another block. */
static NOINLINE void count_resized(void *block, size_t size, size_t usable, const void *caller)
{
    if (usable_bytes_in(block, page_map_entry(block), "realloc") == usable || UNLIKELY(!gate_enter()))
        return;
    void *record = large_set_owner(block, NULL, "realloc");
    if (record != NULL)
        sample_forget(record);
    gate_leave();
    if (sample_is_on() && sample_strikes_large(size))
        sample_watch_large(block, size, caller);
}

/* A block that is large and stays large; or one of an arena. */
static NOINLINE void *resize_large(void *pointer, size_t size, size_t usable)
{
    void *block = resize_in_place(pointer, size);
    if (UNLIKELY(sample_was_on()) && block != NULL)
        count_resized(block, size, usable, __builtin_return_address(0));
    return block != NULL ? block : move(pointer, size, usable);
}

static void *refuse(int error)
{
    errno = error;
    return NULL;
}

static ALWAYS_INLINE void *resize_of(void *pointer, size_t size, size_t usable)
{
    if (UNLIKELY(usable == USABLE_NONE)) /* and the program goes on */
        return refuse(EINVAL);
    if (usable <= SMALL_MAX_BYTES || size <= SMALL_MAX_BYTES)
        return fits_in_place(size, usable) ? pointer : move(pointer, size, usable);
    return resize_large(pointer, size, usable);
}

/* A large block, one of the bootstrap arena, or no block. */
static NOINLINE void *resize_other(void *pointer, size_t size, uint32_t entry)
{
    if (entry == PAGE_FOREIGN && aside_serves())
        return aside_resize(pointer, size);
    return resize_of(pointer, size, usable_bytes_elsewhere(pointer, entry, "realloc"));
}

/* Its slab says whether a small block is in use. Where the block moves it is freed, which notices most misuse: then
 * what can be told without the slab, which nobody may have read for long, is enough. */
static ALWAYS_INLINE size_t usable_small(const void *pointer, size_t size, uint32_t entry)
{
    size_t usable = size_classes[page_map_class(entry)].size;
    bool enough = !fits_in_place(size, usable) && usable_seems_taken(pointer, entry);
    return LIKELY(enough) ? usable : usable_bytes_small(pointer, entry, "realloc");
}

/* Apart from hak_realloc, which without it needs no stack frame for a first allocation. */
static NOINLINE void *resize(void *pointer, size_t size)
{
    if (UNLIKELY(size > PTRDIFF_MAX))
        return refuse(ENOMEM);
    uint32_t entry = page_map_entry(pointer);
    if (UNLIKELY(entry <= PAGE_SPECIAL_MOST))
        return resize_other(pointer, size, entry);
    return resize_of(pointer, size, usable_small(pointer, size, entry));
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
        return refuse(ENOMEM);
    return hak_realloc(pointer, bytes);
}
