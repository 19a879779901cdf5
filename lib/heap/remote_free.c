/* SPDX-License-Identifier: MIT */
#include "lib/heap/remote_free.h"

#include "lib/base/gate.h"
#include "lib/base/probe.h"
#include "lib/heap/registry.h"
#include "lib/heap/shared.h"

/* Blocks of one slab on their way: marked word by word, signed for together. */
struct batch {
    struct slab *slab;
    uint32_t count;
    uint64_t words; /* bit W: bits[W] is not 0 */
    uint64_t bits[SLAB_MAX_BLOCKS / 64];
};

/* Buckets for the blocks of a buffer, by page: the slabs of a heap lie side by side, so hardly two share one. */
#define BUCKETS 128u

static void finish(struct batch *batch)
{
    for (; batch->words != 0; batch->words &= batch->words - 1) {
        uint32_t word = (uint32_t)__builtin_ctzll(batch->words);
        batch->count -= slab_mark_remote(batch->slab, word, batch->bits[word]);
        batch->bits[word] = 0;
    }
    if (batch->count != 0 && slab_sign_remote(batch->slab, batch->count))
        registry_after_push(heap_push_pending(batch->slab));
    batch->count = 0;
}

/* Adds the blocks at POSITION and at those that follow in its list, as far as they are the batch's slab's; returns the
 * position after them. */
static uint32_t add_of_slab(struct batch *batch, const _Atomic(void *) *blocks, const uint16_t *next, uint32_t position)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a block of the buffer is in a slab */
    const struct size_class *class = &size_classes[batch->slab->class];
    const char *base = batch->slab->base;
    size_t steps, steps_in_slab = (size_t)batch->slab->blocks * (class->size / SIZE_STEP);
    uint64_t words = 0, inverse = class->inverse;
    uint32_t count = 0;
    for (; position != 0; position = next[position - 1]) {
        char *block = remote_free_block(blocks, position - 1);
        if ((steps = size_class_steps(base, block)) >= steps_in_slab)
            break;
        uint64_t place = size_class_place(steps, inverse);
        uint32_t index = size_class_place_index(place);
        if (UNLIKELY(!size_class_place_is_start(place, inverse) ||
                     test_and_set_bit(&batch->bits[index / 64], index % 64)))
            slab_report_not_free(batch->slab, block, "free");
        else
            words |= UINT64_C(1) << index / 64, count++;
    }
    batch->words |= words;
    batch->count += count;
    return position;
}

/* Adds the blocks at POSITION and at those that follow in its list: each position is one more than the index in BLOCKS,
 * 0 is the end. */
static void add_list(struct batch *batch, const _Atomic(void *) *blocks, const uint16_t *next, uint32_t position)
{
    while (position != 0) {
        struct slab *slab = page_map_descriptor(remote_free_block(blocks, position - 1));
        if (slab != batch->slab) {
            finish(batch);
            batch->slab = slab;
        }
        uint32_t after = add_of_slab(batch, blocks, next, position);
        if (UNLIKELY(after == position)) { /* behind the last block */
            slab_report_inside(slab, remote_free_block(blocks, position - 1), "free");
            after = next[position - 1];
        }
        position = after;
    }
}

/* The atomic operations cost more than all else here, so the blocks are brought together by their pages first: each
 * bucket is a list. */
void remote_free_flush(struct remote_buffer *buffer, struct heap *heap)
{
    struct batch batch = {0};
    uint16_t first[BUCKETS] = {0}, next[REMOTE_BUFFER_MAX];
    uint32_t count = atomic_load_explicit(&buffer->count, memory_order_relaxed);
    if (count == 0)
        return;
    for (uint32_t position = count; position > 0; position--) {
        uint16_t *bucket = &first[((uintptr_t)remote_free_block(buffer->block, position - 1) >> PAGE_SHIFT) % BUCKETS];
        next[position - 1] = *bucket;
        *bucket = (uint16_t)position;
    }
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++)
        add_list(&batch, buffer->block, next, first[bucket]);
    finish(&batch);
    atomic_store_explicit(&buffer->count, 0, memory_order_relaxed);
    buffer->bytes = 0;
    heap_count(&heap->counts.remote_flushes, 1);
    heap_count(&heap->counts.remote_blocks, count);
    PROBE(remote_flush, heap->id, count);
}

static void leave_blocks(struct remote_buffer *buffer)
{
    uint32_t count = atomic_load_explicit(&buffer->count, memory_order_relaxed);
    for (uint32_t i = 0; i < count; i++)
        gate_leave_block(remote_free_block(buffer->block, i));
    atomic_store_explicit(&buffer->count, 0, memory_order_relaxed);
    buffer->bytes = 0;
}

void remote_free_hand_back(struct remote_buffer *buffer, struct heap *heap)
{
    if (UNLIKELY(!gate_enter())) {
        leave_blocks(buffer);
        return;
    }
    remote_free_flush(buffer, heap);
    gate_leave();
}

void remote_free_one(void *block)
{
    unsigned class = page_map_class(page_map_entry(block));
    if (heap_shares(class)) {
        if (UNLIKELY(shared_put(class, &block, 1) == 0))
            heap_report_not_free(class, block, "free");
        return;
    }
    struct batch batch = {0};
    _Atomic(void *) first;
    atomic_init(&first, block);
    add_list(&batch, &first, &(uint16_t){0}, 1);
    finish(&batch);
    atomic_fetch_add_explicit(&shared_heap.counts.remote_flushes, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&shared_heap.counts.remote_blocks, 1, memory_order_relaxed);
}
