/* SPDX-License-Identifier: MIT */
#include "lib/heap/drain.h"

#include "lib/base/probe.h"
#include "lib/heap/holes.h"
#include "lib/heap/shared.h"
#include "lib/space/pool.h"

static uint32_t put_own(struct heap *heap, unsigned class, void *const *blocks, uint32_t count)
{
    struct slab *emptied = NULL;
    uint32_t put = heap_put(heap, class, blocks, count, &emptied);
    heap_delete_slabs(emptied);
    return put;
}

uint32_t drain_put(struct heap *heap, unsigned class, void *const *blocks, uint32_t count)
{
    uint32_t put = heap_shares(class) ? shared_put(class, blocks, count) : put_own(heap, class, blocks, count);
    heap_count_allocated(heap, class, -(int64_t)put);
    heap_count(&heap->counts.drains, 1);
    heap_count(&heap->counts.drained_blocks, put);
    PROBE(drain, class, size_classes[class].size, count, put);
    holes_note_drain(heap, (size_t)put * size_classes[class].size);
    pool_tick();
    return put;
}
