/* SPDX-License-Identifier: MIT */
#include "lib/thread/borrow.h"

#include "lib/heap/footprint.h"
#include "lib/heap/refill.h"
#include "lib/heap/shared.h"
#include "lib/profile/active.h"
#include "lib/thread/stack_growth.h"

/* A class lends if its stack has LEND_LEAST blocks, and these are a LEND_SHARE-th of what the thread has of it: more
 * than it needs itself soon. (A stack whose capacity is as small, of blocks of 8 KiB and more, lends when it is full.)
 */
#define LEND_LEAST 4
#define LEND_SHARE 16

/* Whether blocks of LENDER, which are longer, serve CLASS as well as its own: they are all threads', and fill whole
 * cache lines if those do. */
static bool is_as_good(unsigned lender, unsigned class)
{
    return heap_shares(lender) &&
           (size_classes[class].size % CACHE_LINE != 0 || size_classes[lender].size % CACHE_LINE == 0);
}

static bool has_enough(const struct thread_cache *cache, unsigned lender)
{
    size_t height = thread_cache_height(cache, lender);
    return height >= LEND_LEAST && (int64_t)height * LEND_SHARE >= footprint_held(&cache->heap, lender);
}

/* The next class that lends to CLASS, which is used up; CLASS if there is none. */
static NOINLINE unsigned find_lender(const struct thread_cache *cache, unsigned class)
{
    for (unsigned lender = class + 1; lender <= class + size_classes[class].lenders; lender++)
        if (is_as_good(lender, class) && has_enough(cache, lender))
            return lender;
    return class;
}

/* Each loan costs a walk to here, and memory of its own only one: so a class borrows a limited number of times. */
unsigned borrow_lender(const struct thread_cache *cache, unsigned class)
{
    bool borrows = cache->history[class].borrowed < HAK_PROFILE(size_classes_borrow_limit) && shared_is_used_up(class);
    return borrows ? find_lender(cache, class) : class;
}

/* What a refill does besides is done here as well: there may be none for long. */
void *borrow_take(struct thread_cache *cache, unsigned class, unsigned lender)
{
    cache->history[class].borrowed++;
    cache->history[class].moved = true;
    refill_tick(&cache->heap);
    heap_count(&cache->heap.counts.blocks_borrowed, 1);
    return pointer_stack_pop(thread_cache_stack(cache, lender));
}

/* A thread takes so many lines and refills until it has slabs of its own. */
#define MOVES_WITH_LINES SLOW_START_MOVES

bool borrow_takes_line(const struct thread_cache *cache, unsigned class)
{
    return UNLIKELY(cache->moves < MOVES_WITH_LINES) && size_classes[class].size < CACHE_LINE && !heap_shares(class) &&
           heap_shares(size_class_of(CACHE_LINE)) && heap_slab_bytes(&cache->heap, class) == 0;
}

unsigned borrow_line_class(struct thread_cache *cache)
{
    cache->moves++; /* the stack of lines may have one every time */
    heap_count(&cache->heap.counts.blocks_borrowed, 1);
    return size_class_of(CACHE_LINE);
}
