/* SPDX-License-Identifier: MIT */
#include "lib/api/malloc.h"

#include "lib/api/free.h"
#include "lib/base/bootstrap_arena.h"
#include "lib/base/gate.h"
#include "lib/guarded/choose.h"
#include "lib/guarded/guarded_start.h"
#include "lib/harden/harden.h"
#include "lib/harden/zero_size.h"
#include "lib/heap/slab_random.h"
#include "lib/observe/root.h"
#include "lib/observe/stats_report.h"
#include "lib/sample/control.h"
#include "lib/sample/sample.h"
#include "lib/space/aside.h"
#include "lib/space/fork_arena.h"
#include "lib/space/large.h"
#include "lib/thread/attach.h"
#include "lib/thread/counted_stack.h"
#include "lib/thread/held_cache.h"
#include "lib/thread/reclaim.h"
#include "lib/thread/start.h"

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
    if (UNLIKELY(!gate_enter()))
        return take_during_fork(size, alignment, borrows, cleared, zeroed);
    void *block = take_or_reclaim(size, alignment, borrows, cleared, zeroed);
    gate_leave();
    return block;
}

/* What the thread has in a stack, as the fast path would take it; or with security.randomize any of the newest blocks
 * of the stack; or NULL. */
static ALWAYS_INLINE void *pop_held(size_t size, size_t alignment)
{
    unsigned class = class_for(size, alignment);
    if (UNLIKELY(class >= size_class_count))
        return NULL;
    struct pointer_stack stack = thread_cache_stack(held_cache, class);
    void *block = pointer_stack_pop(stack);
    if (HAK_PROFILE(security_randomize) && LIKELY(block != NULL)) {
        pointer_stack_swap_newest(stack, held_cache_draw(), SLAB_RANDOM_CHOICE);
        harden_prefetch(class, pointer_stack_newest(stack));
    }
    return block;
}

/* By a profile with measures of security; or before it is known whether there are any. */
static NOINLINE void *take_hardened(size_t size, size_t alignment, bool cleared, bool *zeroed)
{
    if (UNLIKELY(held_cache == THREAD_CACHE_NONE) && (!start_process() || !harden_is_on))
        return take_inside(size, alignment, false, cleared, zeroed);
    *zeroed = false;
    void *block = size == 0 ? zero_size_take(alignment) : NULL;
    if (UNLIKELY(block != NULL))
        return block;
    size_t bytes = harden_bytes(size);
    block = pop_held(bytes, alignment);
    if (UNLIKELY(block == NULL))
        block = take_inside(bytes, alignment, false, cleared, zeroed);
    if (LIKELY(block != NULL))
        harden_after_take(block, size);
    return block;
}

static ALWAYS_INLINE void *take_any(size_t size, size_t alignment, bool borrows, bool cleared, bool *zeroed)
{
    if (UNLIKELY(size > PTRDIFF_MAX || alignment > PTRDIFF_MAX))
        return NULL;
    return LIKELY(!harden_is_on) ? take_inside(size, alignment, borrows, cleared, zeroed)
                                 : take_hardened(size, alignment, cleared, zeroed);
}

/* While the heap profile is on. */
static NOINLINE void *take_exact_counted(size_t size, size_t alignment, bool cleared, bool *zeroed)
{
    const void *caller = __builtin_return_address(0);
    unsigned class = class_for(size, alignment);
    bool is_large = class == size_class_count, strikes = is_large && sample_strikes_large(size);
    void *block = is_large ? NULL : sample_malloc_exact(class, caller);
    *zeroed = false;
    if (block == NULL)
        block = take_any(size, alignment, false, cleared, zeroed);
    if (strikes && block != NULL)
        sample_watch_large(block, size, caller);
    return block;
}

/* By a profile with guarded sampling. */
static NOINLINE void *take_exact_guarded(size_t size, size_t alignment, bool cleared, bool *zeroed)
{
    void *block = choose_take(size, alignment, __builtin_return_address(0));
    *zeroed = true;
    return block != NULL ? block : take_any(size, alignment, false, cleared, zeroed);
}

void *malloc_exact(size_t size, size_t alignment, bool cleared, bool *zeroed)
{
    if (UNLIKELY(guarded_is_on))
        return take_exact_guarded(size, alignment, cleared, zeroed);
    return UNLIKELY(sample_is_on()) ? take_exact_counted(size, alignment, cleared, zeroed)
                                    : take_any(size, alignment, false, cleared, zeroed);
}

static ALWAYS_INLINE void *take_or_enomem(size_t size)
{
    bool zeroed;
    void *block = take_any(size, BLOCK_ALIGNMENT, true, false, &zeroed);
    if (UNLIKELY(block == NULL))
        errno = ENOMEM;
    return block;
}

/* While the heap profile is on: what take_counted does not do itself. */
static NOINLINE void *take_counted_slow(size_t size)
{
    const void *caller = __builtin_return_address(0);
    bool is_large = size > SMALL_MAX_BYTES, strikes = is_large && sample_strikes_large(size);
    void *block = is_large ? NULL : sample_malloc(size_class_of(size), caller);
    if (block == NULL)
        block = take_or_enomem(size);
    if (strikes && block != NULL)
        sample_watch_large(block, size, caller);
    return block;
}

/* While the heap profile is on. */
static NOINLINE void *take_counted(size_t size)
{
    struct thread_cache *cache = thread_cache_of_thread;
    unsigned class = size <= SMALL_MAX_BYTES ? size_class_to_pop(size) : SIZE_CLASS_UNCOUNTED;
    void *block = NULL;
    if (LIKELY(size_class_is_counted(class) && cache != THREAD_CACHE_NONE))
        block = counted_stack_next(cache, class - size_class_count);
    return LIKELY(block != NULL) ? block : take_counted_slow(size);
}

/* By a profile with guarded sampling. */
static NOINLINE void *take_guarded(size_t size)
{
    void *block = choose_take(size, BLOCK_ALIGNMENT, __builtin_return_address(0));
    return block != NULL ? block : take_or_enomem(size);
}

NOINLINE void *malloc_slow(size_t size)
{
    if (UNLIKELY(guarded_is_on))
        return take_guarded(size);
    return UNLIKELY(sample_is_on()) ? take_counted(size) : take_or_enomem(size);
}

/* Of a static library the linker takes what is referred to: with malloc come the statistics and the heap profile at
 * exit.
 */
__attribute__((used)) static void (*const linked_with_malloc[])(void) = {stats_report_at_exit, heap_profile_at_exit};

HAK_EXPORT_FAST void *hak_malloc(size_t size)
{
    return malloc_fast(size);
}
