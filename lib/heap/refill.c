/* SPDX-License-Identifier: MIT */
#include "lib/heap/refill.h"

#include "lib/base/probe.h"
#include "lib/heap/footprint.h"
#include "lib/heap/registry.h"
#include "lib/heap/shared.h"
#include "lib/space/pool.h"

/* Sees to it that the heap has a slab of CLASS with free blocks, without new memory. */
static bool find_freed(struct heap *heap, unsigned class)
{
    if (heap->partial[class] == NULL && heap_has_pending(heap))
        registry_collect(heap);
    return heap->partial[class] != NULL;
}

static bool add_slab(struct heap *heap, unsigned class)
{
    return heap_add_slab(heap, class, footprint_foresee_use(heap, class));
}

/* Sees to it that the heap has a slab of CLASS with free blocks; false if memory is refused. */
static bool find(struct heap *heap, unsigned class)
{
    return find_freed(heap, class) || registry_adopt(heap, class) || add_slab(heap, class);
}

static uint32_t take_own(struct heap *heap, unsigned class, void **end, uint32_t count)
{
    uint32_t taken = find(heap, class) ? heap_take(heap, class, end, count) : 0;
    while (taken < count && find_freed(heap, class))
        taken += heap_take(heap, class, end - taken, count - taken);
    return taken;
}

/* Collects what other threads freed into the thread's own heap as well: the thread may not refill a class of its own
 * for long, or ever. */
static uint32_t take_shared(struct heap *heap, unsigned class, void **end, uint32_t count)
{
    if (UNLIKELY(heap_has_pending(heap)))
        registry_collect(heap);
    return shared_take(heap, class, end, count);
}

uint32_t refill_take(struct heap *heap, unsigned class, void **end, uint32_t count)
{
    uint32_t taken = heap_shares(class) ? take_shared(heap, class, end, count) : take_own(heap, class, end, count);
    heap_count_allocated(heap, class, taken);
    heap_count(&heap->counts.refills, 1);
    heap_count(&heap->counts.refilled_blocks, taken);
    PROBE(refill, class, size_classes[class].size, count, taken);
    pool_tick();
    return taken;
}

void refill_tick(struct heap *heap)
{
    if (UNLIKELY(heap_has_pending(heap)))
        registry_collect(heap);
    pool_tick();
}

static void *take_own_zeroed(struct heap *heap, unsigned class)
{
    return find(heap, class) ? heap_take_zeroed(heap, class) : NULL;
}

void *refill_take_zeroed(struct heap *heap, unsigned class)
{
    void *block = heap_shares(class) ? shared_take_zeroed(heap, class) : take_own_zeroed(heap, class);
    if (block == NULL)
        return NULL;
    heap_count_allocated(heap, class, 1);
    heap_count(&heap->counts.zero_fills_spared, 1);
    return block;
}
