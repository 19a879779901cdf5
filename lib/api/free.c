/* SPDX-License-Identifier: MIT */
#include "lib/api/free.h"

#include "lib/base/bootstrap_arena.h"
#include "lib/base/gate.h"
#include "lib/base/report.h"
#include "lib/space/aside.h"
#include "lib/space/fork_arena.h"
#include "lib/space/large.h"
#include "lib/thread/attach.h"

#include <hakmem/hakmem.h>

#include <errno.h>

void free_report_foreign(const void *pointer, const char *function)
{
    if (large_contains(pointer))
        report_fatal("%s: %p is not the start of a block (it lies inside a large one)", function, pointer);
    report_fatal("%s: %p was not allocated by this allocator, or is freed already", function, pointer);
}

/* A small block, in a page with ENTRY. */
static ALWAYS_INLINE void give_to(struct thread_cache *cache, void *pointer, uint32_t entry)
{
    unsigned class = page_map_class(entry);
    if (entry == cache->hot.key[class])
        thread_cache_push(cache, class, pointer);
    else
        remote_free_add(&cache->remote, &cache->heap, class, pointer);
}

/* The same in a thread that has no cache, yet or any more. */
static NOINLINE void give_uncached(void *pointer, uint32_t entry)
{
    struct thread_cache *cache;
    if (UNLIKELY(!gate_enter())) {
        gate_leave_block(pointer);
        return;
    }
    int saved = errno; /* a thread's first use asks the C library for a slot, which may fail */
    bool cached = attach_to_free(&cache);
    errno = saved;
    if (cached)
        give_to(cache, pointer, entry);
    else
        remote_free_one(pointer);
    gate_leave();
}

static void give_large(void *pointer)
{
    if (UNLIKELY(!gate_enter())) {
        gate_leave_block(pointer);
        return;
    }
    large_give(pointer);
    gate_leave();
}

static NOINLINE void give_other(void *pointer, uint32_t entry)
{
    if (entry > PAGE_LARGE)
        give_uncached(pointer, entry);
    else if (entry == PAGE_LARGE)
        give_large(pointer);
    else if (bootstrap_owns(pointer))
        bootstrap_give(pointer);
    else if (fork_arena_owns(pointer))
        fork_arena_give(pointer);
    else if (aside_serves())
        aside_give(pointer);
    else
        free_report_foreign(pointer, "free");
}

/* The way of each block that one thread allocates and another one frees. That thread waits for the blocks' cache lines:
 * the fewer instructions lie between two blocks, the more of those waits the processor overlaps. So what happens less
 * often is kept out of here. */
NOINLINE void free_slow(void *pointer)
{
    struct thread_cache *cache = thread_cache_of_thread;
    uint32_t entry = page_map_entry(pointer);
    if (LIKELY(entry > PAGE_LARGE && cache != THREAD_CACHE_NONE))
        give_to(cache, pointer, entry);
    else
        give_other(pointer, entry);
}

void free_left_blocks(void)
{
    for (void *block = gate_take_left_blocks(), *next; block != NULL; block = next) {
        next = gate_next_left_block(block);
        free_slow(block);
    }
}

HAK_EXPORT_FAST void hak_free(void *pointer)
{
    free_fast(pointer);
}

HAK_EXPORT_FAST void hak_free_sized(void *pointer, size_t size)
{
    (void)size; /* the page map knows better, at the same price */
    free_fast(pointer);
}

HAK_EXPORT_FAST void hak_free_aligned_sized(void *pointer, size_t alignment, size_t size)
{
    (void)alignment;
    (void)size;
    free_fast(pointer);
}
