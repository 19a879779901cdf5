/* SPDX-License-Identifier: MIT */
#include "lib/sample/sample.h"

#include "lib/base/claim.h"
#include "lib/base/gate.h"
#include "lib/heap/sampled.h"
#include "lib/profile/active.h"
#include "lib/sample/modules.h"
#include "lib/sample/records.h"
#include "lib/sample/stack_memo.h"
#include "lib/space/large.h"
#include "lib/thread/counted_stack.h"
#include "lib/thread/held_cache.h"
#include "lib/thread/start.h"

_Atomic bool sample_on, sample_ever_on;

/* --- on and off --------------------------------------------------------------------------------------------------- */

static _Atomic bool
    wanted; /* sequentially consistent, as the claim: who finds somebody switching has set this before, */
static struct claim switching; /* and who has switched looks at it again afterwards */

bool sample_prepare(void)
{
    modules_start();
    return start_process() && !hak_profile_hardens() && HAK_PROFILE(security_guarded) == 0;
}

/* On: whoever is sent to malloc_slow finds it on. */
static void switch_now(bool on)
{
    if (on) {
        atomic_store_explicit(&sample_ever_on, true, memory_order_relaxed);
        atomic_store_explicit(&sample_on, true, memory_order_relaxed);
    }
    size_class_count_pops(on);
    atomic_store_explicit(&sample_on, on, memory_order_relaxed);
}

void sample_switch(bool on)
{
    bool done;
    if (!on && !sample_was_on()) /* perhaps there are no classes yet */
        return;
    atomic_store_explicit(&wanted, on, memory_order_seq_cst);
    do {
        if (!claim_take(&switching))
            return;
        done = atomic_load_explicit(&wanted, memory_order_seq_cst);
        switch_now(done);
        claim_release(&switching);
    } while (atomic_load_explicit(&wanted, memory_order_seq_cst) != done);
}

/* --- call stacks -------------------------------------------------------------------------------------------------- */

/* The memo of the calling thread; NULL where it has none. Inside of the gate. */
static struct stack_memo *memo_of_thread(void)
{
    struct thread_cache *cache = held_cache;
    if (cache == THREAD_CACHE_NONE)
        return NULL;
    if (UNLIKELY(cache->memo == NULL))
        cache->memo = stack_memo_new();
    return cache->memo;
}

static NOINLINE struct sample_record *find_record_by_walk(uintptr_t sp, const void *caller, uint64_t bytes)
{
    struct stack stack;
    stack_walk(&stack, sp, caller);
    if (UNLIKELY(!gate_enter()))
        return NULL;
    struct sample_record *record = records_find(&stack, bytes);
    struct stack_memo *memo = memo_of_thread();
    if (LIKELY(record != NULL && memo != NULL && record->depth == stack.depth))
        stack_memo_keep(memo, sp, caller, &stack, record);
    gate_leave();
    return record;
}

/* The record of blocks of BYTES that the calling thread allocates here; NULL during a fork, or if memory for it is
 * refused. */
static NOINLINE struct sample_record *find_record(const void *caller, uint64_t bytes)
{
    uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
    const struct thread_cache *cache = held_cache;
    bool has_memo = cache != THREAD_CACHE_NONE && cache->memo != NULL;
    struct sample_record *record = has_memo ? stack_memo_find(cache->memo, sp, caller, bytes) : NULL;
    return LIKELY(record != NULL) ? record : find_record_by_walk(sp, caller, bytes);
}

/* --- short blocks ------------------------------------------------------------------------------------------------- */

/* A block of CLASS that is watched; NULL where memory is refused, or during a fork. */
static NOINLINE void *take_watched(unsigned class, const void *caller)
{
    struct sample_record *record = find_record(caller, size_classes[class].size);
    if (UNLIKELY(record == NULL || !gate_enter()))
        return NULL;
    void *block = sampled_take(class, record);
    if (LIKELY(block != NULL))
        record_count_taken(record);
    gate_leave();
    return block;
}

void *sample_malloc(unsigned class, const void *caller)
{
    struct thread_cache *cache = held_cache;
    if (UNLIKELY(cache == THREAD_CACHE_NONE))
        return sample_malloc_exact(class, caller);
    void *block = counted_stack_pop(cache, class);
    if (block != NULL)
        return block;
    bool passes = sample_clock_class_passes(&cache->clock, class);
    return LIKELY(passes) ? counted_stack_refill(cache, class) : take_watched(class, caller);
}

void *sample_malloc_exact(unsigned class, const void *caller)
{
    struct thread_cache *cache = held_cache;
    bool has_clock = cache != THREAD_CACHE_NONE;
    void *block = has_clock ? counted_stack_pop(cache, class) : NULL;
    if (block != NULL)
        return block;
    bool passes = has_clock ? sample_clock_class_passes(&cache->clock, class)
                            : sample_clock_passes_alone(size_classes[class].size);
    return passes ? NULL : take_watched(class, caller);
}

bool sample_would_pass(unsigned class)
{
    struct thread_cache *cache = held_cache;
    return counted_stack_height(cache, class) == 0 && sample_clock_would_pass(&cache->clock, class);
}

void sample_count_passed(unsigned class)
{
    sample_clock_class_passes(&held_cache->clock, class);
}

/* --- large blocks ------------------------------------------------------------------------------------------------- */

/* As large.h rounds them. */
static size_t large_bytes(size_t size)
{
    return size_maximum(round_up(size, PAGE_BYTES), PAGE_BYTES);
}

/* What nobody can have is not counted. */
bool sample_strikes_large(size_t size)
{
    if (UNLIKELY(size > PTRDIFF_MAX))
        return false;
    struct thread_cache *cache = held_cache;
    size_t bytes = large_bytes(size);
    return cache != THREAD_CACHE_NONE ? !sample_clock_passes(&cache->clock, bytes) : !sample_clock_passes_alone(bytes);
}

void sample_watch_large(void *block, size_t size, const void *caller)
{
    struct sample_record *record = find_record(caller, large_bytes(size));
    if (record == NULL || page_map_entry(block) != PAGE_LARGE || UNLIKELY(!gate_enter()))
        return;
    record_count_taken(record);
    large_set_owner(block, record, "malloc");
    gate_leave();
}

void sample_forget(void *record)
{
    record_count_freed(record);
}
