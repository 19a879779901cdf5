#include "lib/heap/drain.h"

#include "lib/heap/shared.h"
#include "lib/space/purge.h"

void drain_put(struct heap *heap, unsigned class, void *const *blocks, uint32_t count)
{
    if (shared_has(class))
        shared_put(class, blocks, count);
    else
        heap_put(heap, class, blocks, count);
    heap_count(&heap->counts.drains, 1);
    heap_count(&heap->counts.drained_blocks, count);
    purge_tick();
}
