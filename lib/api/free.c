/* SPDX-License-Identifier: MIT */
#include "lib/api/free.h"

#include "lib/base/bootstrap_arena.h"
#include "lib/base/gate.h"
#include "lib/base/report.h"
#include "lib/guarded/guarded.h"
#include "lib/harden/harden.h"
#include "lib/harden/zero_size.h"
#include "lib/heap/sampled.h"
#include "lib/profile/active.h"
#include "lib/sample/sample.h"
#include "lib/space/aside.h"
#include "lib/space/fork_arena.h"
#include "lib/space/large.h"
#include "lib/thread/attach.h"
#include "lib/thread/cache_quarantine.h"
#include "lib/thread/held_cache.h"

#include <hakmem/hakmem.h>

#include <errno.h>

void free_report_foreign(const void *pointer, const char *function)
{
    if (large_contains(pointer))
        report_misuse("%s: %p is not the start of a block (it lies inside a large one)", function, pointer);
    else
        report_misuse("%s: %p was not allocated by this allocator, or is freed already", function, pointer);
}

/* How many of the blocks that were freed last are looked through where a free takes its slow path anyway. */
#define NEWEST 16

/* A small block, in a page with ENTRY, that its thread may keep. */
static ALWAYS_INLINE void keep(struct thread_cache *cache, unsigned class, void *pointer)
{
    if (UNLIKELY(pointer_stack_has_newest(thread_cache_stack(cache, class), pointer, NEWEST)))
        heap_report_not_free(class, pointer, "free");
    else
        thread_cache_push(cache, class, pointer);
}

/* A small block, in a page with ENTRY. */
static ALWAYS_INLINE void give_to(struct thread_cache *cache, void *pointer, uint32_t entry)
{
    unsigned class = page_map_class(entry);
    if (entry == cache->hot.key[class])
        keep(cache, class, pointer);
    else if (UNLIKELY(remote_free_has_newest(&cache->remote, pointer)))
        heap_report_not_free(class, pointer, "free");
    else
        remote_free_add(&cache->remote, &cache->heap, class, pointer);
}

/* A small block that was seen to be the program's. It may have to wait, and another one comes out instead. */
static ALWAYS_INLINE void give_checked_to(struct thread_cache *cache, void *pointer, uint32_t entry)
{
    if (HAK_PROFILE(security_quarantine) != 0) {
        pointer = cache_quarantine_swap(cache, page_map_class(entry), pointer);
        if (pointer == NULL)
            return;
        entry = page_map_entry(pointer);
    }
    if (UNLIKELY(entry != cache->hot.key[page_map_class(entry)]))
        harden_after_wait(page_map_class(entry), pointer);
    thread_cache_give(cache, pointer, entry);
    if (HAK_PROFILE(security_randomize)) /* the next one has been drawn already */
        pointer_stack_swap_two(thread_cache_stack(cache, page_map_class(entry)));
}

/* The same in a thread that has no cache, yet or any more, or a hidden one. CHECKED: as above. */
static ALWAYS_INLINE void give_anyhow(void *pointer, uint32_t entry, bool checked)
{
    struct thread_cache *cache;
    if (UNLIKELY(!gate_enter())) {
        gate_leave_block(pointer);
        return;
    }
    int saved = errno; /* a thread's first use asks the C library for a slot, which may fail */
    bool cached = checked && HAK_PROFILE(security_quarantine) != 0 ? attach_thread(&cache) == ATTACH_CACHED
                                                                   : attach_to_free(&cache);
    errno = saved;
    if (!cached)
        remote_free_one(pointer);
    else if (checked)
        give_checked_to(cache, pointer, entry);
    else
        give_to(cache, pointer, entry);
    gate_leave();
}

static NOINLINE void give_checked_uncached(void *pointer, uint32_t entry)
{
    give_anyhow(pointer, entry, true);
}

static ALWAYS_INLINE void give_checked(void *pointer, uint32_t entry)
{
    struct thread_cache *cache = held_cache;
    if (LIKELY(cache != THREAD_CACHE_NONE))
        give_checked_to(cache, pointer, entry);
    else
        give_checked_uncached(pointer, entry);
}

/* By a profile with measures of security. */
static NOINLINE void give_hardened(void *pointer, uint32_t entry)
{
    if (LIKELY(harden_before_free(page_map_class(entry), pointer)))
        give_checked(pointer, entry);
}

static NOINLINE void give_uncached(void *pointer, uint32_t entry)
{
    if (UNLIKELY(harden_is_on))
        give_hardened(pointer, entry);
    else
        give_anyhow(pointer, entry, false);
}

/* A large block, or one that the heap profile watches. */
static void give_special(void *pointer, uint32_t entry)
{
    if (UNLIKELY(!gate_enter())) {
        gate_leave_block(pointer);
        return;
    }
    void *record = entry == PAGE_LARGE ? large_give(pointer) : sampled_give(pointer);
    if (UNLIKELY(record != NULL))
        sample_forget(record);
    gate_leave();
}

static ALWAYS_INLINE bool is_aligned(const void *pointer)
{
    return (uintptr_t)pointer % BLOCK_ALIGNMENT == 0;
}

static NOINLINE void give_guarded(void *pointer)
{
    int saved = errno;
    guarded_give(pointer, __builtin_return_address(0));
    errno = saved;
}

static NOINLINE void give_other(void *pointer, uint32_t entry)
{
    if (entry > PAGE_SPECIAL_MOST && !is_aligned(pointer))
        heap_report_not_free(page_map_class(entry), pointer, "free");
    else if (entry > PAGE_SPECIAL_MOST)
        give_uncached(pointer, entry);
    else if (entry == PAGE_GUARDED)
        give_guarded(pointer);
    else if (entry != PAGE_FOREIGN)
        give_special(pointer, entry);
    else if (zero_size_owns(pointer))
        zero_size_give(pointer);
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
    if (LIKELY(entry > PAGE_SPECIAL_MOST && cache != THREAD_CACHE_NONE && is_aligned(pointer)))
        give_to(cache, pointer, entry);
    else
        give_other(pointer, entry);
}

/* By a profile with measures of security, which a small block has passed before it was left. */
static void free_left_hardened(void *block)
{
    uint32_t entry = page_map_entry(block);
    if (entry > PAGE_SPECIAL_MOST) {
        harden_after_gate(block);
        give_checked(block, entry);
    } else {
        free_slow(block);
    }
}

void free_left_blocks(void)
{
    for (void *block = gate_take_left_blocks(), *next; block != NULL; block = next) {
        next = gate_next_left_block(block);
        if (UNLIKELY(harden_is_on))
            free_left_hardened(block);
        else
            free_slow(block);
    }
}

HAK_EXPORT_FAST void hak_free(void *pointer)
{
    free_fast(pointer);
}
