#include "lib/heap/remote_free.h"

#include "lib/heap/registry.h"
#include "lib/profile/active.h"

/* Blocks of one slab that follow each other in the buffer: marked word by word, signed for together. */
struct batch {
    struct slab *slab;
    uint32_t word;
    uint64_t bits;
    uint32_t count;
};

static void mark(struct batch *batch)
{
    if (batch->bits != 0)
        slab_mark_remote(batch->slab, batch->word, batch->bits);
    batch->bits = 0;
}

static void finish(struct batch *batch)
{
    mark(batch);
    if (batch->count != 0 && slab_sign_remote(batch->slab, batch->count))
        registry_after_push(heap_push_pending(batch->slab));
    batch->count = 0;
}

static void batch_add(struct batch *batch, void *block)
{
    struct slab *slab = page_map_descriptor(block);
    if (slab != batch->slab) {
        finish(batch);
        batch->slab = slab;
    }
    uint32_t index = slab_index(slab, block);
    uint64_t bit = UINT64_C(1) << index % 64;
    if (index / 64 != batch->word) {
        mark(batch);
        batch->word = index / 64;
    }
    if ((batch->bits & bit) != 0)
        slab_report_double_free(slab, block);
    batch->bits |= bit;
    batch->count++;
}

void remote_free_flush(struct remote_buffer *buffer, struct heap *heap)
{
    struct batch batch = {0};
    uint32_t count = atomic_load_explicit(&buffer->count, memory_order_relaxed);
    if (count == 0)
        return;
    for (uint32_t i = 0; i < count; i++)
        batch_add(&batch, buffer->block[i]);
    finish(&batch);
    atomic_store_explicit(&buffer->count, 0, memory_order_relaxed);
    buffer->bytes = 0;
    heap_count(&heap->counts.remote_flushes, 1);
    heap_count(&heap->counts.remote_blocks, count);
}

void remote_free_add(struct remote_buffer *buffer, struct heap *heap, unsigned class, void *block)
{
    uint32_t count = atomic_load_explicit(&buffer->count, memory_order_relaxed);
    buffer->block[count++] = block;
    buffer->bytes += size_classes[class].size;
    atomic_store_explicit(&buffer->count, count, memory_order_relaxed);
    if (count >= HAK_PROFILE(remote_free_drain_threshold) || buffer->bytes >= REMOTE_BUFFER_MAX_BYTES)
        remote_free_flush(buffer, heap);
}

void remote_free_one(void *block)
{
    struct batch batch = {0};
    batch_add(&batch, block);
    finish(&batch);
}
