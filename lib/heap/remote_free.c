#include "lib/heap/remote_free.h"

#include "lib/heap/registry.h"

/* Blocks of one slab on their way: marked word by word, signed for together. */
struct batch {
    struct slab *slab;
    const char *base;                     /* of the slab's blocks */
    size_t bytes;                         /* of all its blocks */
    uint32_t count;
    uint64_t words;                       /* bit W: bits[W] is not 0 */
    uint64_t bits[SLAB_MAX_BLOCKS / 64];
};

/* Buckets for the blocks of a buffer, by page: the slabs of a heap lie side by side, so hardly two share one. */
#define BUCKETS 128u

static void finish(struct batch *batch)
{
    for (; batch->words != 0; batch->words &= batch->words - 1) {
        uint32_t word = (uint32_t)__builtin_ctzll(batch->words);
        slab_mark_remote(batch->slab, word, batch->bits[word]);
        batch->bits[word] = 0;
    }
    if (batch->count != 0 && slab_sign_remote(batch->slab, batch->count))
        registry_after_push(heap_push_pending(batch->slab));
    batch->count = 0;
}

static void begin(struct batch *batch, struct slab *slab)
{
    finish(batch);
    batch->slab = slab;
    batch->base = slab->base;
    batch->bytes = (size_t)slab->blocks * size_classes[slab->class].size;
}

static void batch_add(struct batch *batch, void *block)
{
    if ((size_t)((const char *)block - batch->base) >= batch->bytes)
        begin(batch, page_map_descriptor(block));
    uint32_t index = slab_index(batch->slab, block);
    uint64_t bit = UINT64_C(1) << index % 64, *bits = &batch->bits[index / 64];
    if (UNLIKELY((*bits & bit) != 0))
        slab_report_double_free(batch->slab, block);
    *bits |= bit;
    batch->words |= UINT64_C(1) << index / 64;
    batch->count++;
}

/* The atomic operations cost more than all else here, so the blocks are brought together by their pages first: each bucket is a list of
 * positions, one more than the index, 0 at the end. */
void remote_free_flush(struct remote_buffer *buffer, struct heap *heap)
{
    struct batch batch = {0};
    uint16_t first[BUCKETS] = {0}, next[REMOTE_BUFFER_MAX];
    uint32_t count = atomic_load_explicit(&buffer->count, memory_order_relaxed);
    if (count == 0)
        return;
    for (uint32_t position = count; position > 0; position--) {
        uint16_t *bucket = &first[((uintptr_t)buffer->block[position - 1] >> PAGE_SHIFT) % BUCKETS];
        next[position - 1] = *bucket;
        *bucket = (uint16_t)position;
    }
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++)
        for (uint32_t position = first[bucket]; position != 0; position = next[position - 1])
            batch_add(&batch, buffer->block[position - 1]);
    finish(&batch);
    atomic_store_explicit(&buffer->count, 0, memory_order_relaxed);
    buffer->bytes = 0;
    heap_count(&heap->counts.remote_flushes, 1);
    heap_count(&heap->counts.remote_blocks, count);
}

void remote_free_one(void *block)
{
    struct batch batch = {0};
    batch_add(&batch, block);
    finish(&batch);
}
