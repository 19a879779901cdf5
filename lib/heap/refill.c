#include "lib/heap/refill.h"

#include "lib/heap/registry.h"
#include "lib/space/purge.h"

/* Sees to it that the heap has a slab of CLASS with free blocks, without new memory. */
static bool find_freed(struct heap *heap, unsigned class)
{
    if (heap->partial[class] == NULL && heap_has_pending(heap))
        registry_collect(heap);
    return heap->partial[class] != NULL;
}

/* Gives up all that is empty, because the kernel has refused memory, and tries once more. */
static COLD bool make_room(struct heap *heap, unsigned class)
{
    heap_release_empty(heap); /* the last of other classes: their pages may do */
    purge_for_room();
    return heap_add_slab(heap, class);
}

/* Sees to it that the heap has a slab of CLASS with free blocks; false if memory is refused. */
static bool find(struct heap *heap, unsigned class)
{
    return find_freed(heap, class) || registry_adopt(heap, class) || heap_add_slab(heap, class) || make_room(heap, class);
}

uint32_t refill_take(struct heap *heap, unsigned class, void **end, uint32_t count)
{
    uint32_t taken = find(heap, class) ? heap_take(heap, class, end, count) : 0;
    while (taken < count && find_freed(heap, class))
        taken += heap_take(heap, class, end - taken, count - taken);
    heap_count(&heap->counts.refills, 1);
    heap_count(&heap->counts.refilled_blocks, taken);
    purge_tick();
    return taken;
}

void *refill_take_zeroed(struct heap *heap, unsigned class)
{
    void *block = find(heap, class) ? heap_take_zeroed(heap, class) : NULL;
    if (block != NULL)
        heap_count(&heap->counts.zero_fills_spared, 1);
    return block;
}
