/* SPDX-License-Identifier: MIT */
#include "lib/api/malloc.h"

#include "lib/api/free.h"
#include "lib/base/bootstrap_arena.h"
#include "lib/base/gate.h"
#include "lib/observe/root.h"
#include "lib/observe/stats_report.h"
#include "lib/space/aside.h"
#include "lib/space/fork_arena.h"
#include "lib/space/large.h"
#include "lib/thread/attach.h"
#include "lib/thread/reclaim.h"

#include <hakmem/hakmem.h>

#include <errno.h>

ROOT_NOTE;
/* Link-time optimization does not see that the note names the root: so it is named here as well. */
extern HIDDEN const struct hak_inspect_root hak_root;
static const struct hak_inspect_root *const root __attribute__((used)) = &hak_root;

/* The size class for SIZE bytes at a multiple of ALIGNMENT; size_class_count where the block is large. A class whose
 * size is a multiple of the alignment is aligned by nature. */
static ALWAYS_INLINE unsigned class_for(size_t size, size_t alignment)
{
    if (alignment > BLOCK_ALIGNMENT)
        return size_class_aligned(size, alignment);
    return size <= SMALL_MAX_BYTES ? size_class_of(size) : size_class_count;
}

static ALWAYS_INLINE void *take_small(struct thread_cache *cache, unsigned class, bool borrows)
{
    return borrows ? thread_cache_take_or_borrow(cache, class) : thread_cache_take(cache, class);
}

/* One try. A block that BORROWS may be of a larger class, which need not be aligned. The thread is attached first:
 * before that there are no tables. */
static ALWAYS_INLINE void *take(size_t size, size_t alignment, bool borrows, bool cleared, bool *zeroed)
{
    struct thread_cache *cache;
    enum attach_stage stage = attach_thread(&cache);
    *zeroed = stage == ATTACH_STARTING;
    if (UNLIKELY(stage == ATTACH_STARTING))
        return bootstrap_take(size, alignment);
    if (UNLIKELY(stage == ATTACH_ASIDE))
        return aside_take(size, alignment);
    unsigned class = class_for(size, alignment);
    if (UNLIKELY(class == size_class_count))
        return large_take(size, alignment, cleared, zeroed);
    if (LIKELY(stage == ATTACH_CACHED))
        return take_small(cache, class, borrows);
    return stage == ATTACH_ENDING ? attach_take_one(class) : NULL;
}

/* Where a class has no block left, and there is no page for more, larger classes may have some, up to LARGER_MOST times
 * as large; and a block that is not much smaller than a page may have one by itself. */
#define LARGER_MOST 4
#define PAGE_SHARE 8

static COLD void *take_larger(size_t size, size_t alignment, bool *zeroed)
{
    void *block = NULL;
    for (size_t larger = size; block == NULL && larger / LARGER_MOST <= size;) {
        unsigned class = class_for(larger, alignment);
        if (class == size_class_count || size_classes[class].size < larger) /* or there are no tables yet */
            break;
        larger = size_classes[class].size + 1;
        block = take(larger, alignment, false, false, zeroed);
    }
    return block == NULL && size >= PAGE_BYTES / PAGE_SHARE ? large_take(size, alignment, false, zeroed) : block;
}

/* More tries, as long as there is something to give back before each. */
static COLD void *take_after_reclaim(size_t size, size_t alignment, bool borrows, bool cleared, bool *zeroed)
{
    void *block = NULL;
    for (unsigned step = 0; block == NULL && reclaim_next(&step);)
        block = take(size, alignment, borrows, cleared, zeroed);
    return block != NULL ? block : take_larger(size, alignment, zeroed);
}

/* Inside of the gate, or where there is no way in. */
static ALWAYS_INLINE void *take_or_reclaim(size_t size, size_t alignment, bool borrows, bool cleared, bool *zeroed)
{
    if (gate_has_left_blocks())
        free_left_blocks();
    void *block = take(size, alignment, borrows, cleared, zeroed);
    return LIKELY(block != NULL) ? block : take_after_reclaim(size, alignment, borrows, cleared, zeroed);
}

/* The gate is closed. Without room in the arena there is nothing left but to wait. */
static COLD void *take_during_fork(size_t size, size_t alignment, bool borrows, bool cleared, bool *zeroed)
{
    void *block = fork_arena_take(size, alignment);
    *zeroed = true;
    if (block != NULL)
        return block;
    gate_enter_at_last();
    block = take_or_reclaim(size, alignment, borrows, cleared, zeroed);
    gate_leave();
    return block;
}

static ALWAYS_INLINE void *take_inside(size_t size, size_t alignment, bool borrows, bool cleared, bool *zeroed)
{
    if (UNLIKELY(size > PTRDIFF_MAX || alignment > PTRDIFF_MAX))
        return NULL;
    if (UNLIKELY(!gate_enter()))
        return take_during_fork(size, alignment, borrows, cleared, zeroed);
    void *block = take_or_reclaim(size, alignment, borrows, cleared, zeroed);
    gate_leave();
    return block;
}

void *malloc_exact(size_t size, size_t alignment, bool cleared, bool *zeroed)
{
    return take_inside(size, alignment, false, cleared, zeroed);
}

NOINLINE void *malloc_slow(size_t size)
{
    bool zeroed;
    void *block = take_inside(size, BLOCK_ALIGNMENT, true, false, &zeroed);
    if (UNLIKELY(block == NULL))
        errno = ENOMEM;
    return block;
}

/* Of a static library the linker takes what is referred to: with malloc come the statistics at exit. */
__attribute__((used)) static void (*const linked_with_malloc)(void) = stats_report_at_exit;

HAK_EXPORT_FAST void *hak_malloc(size_t size)
{
    return malloc_fast(size);
}
