#include "lib/heap/heap.h"

#include "lib/space/pool.h"

static void list_add(struct heap *heap, struct slab *slab)
{
    struct slab **head = &heap->partial[slab->class];
    slab->listed = true;
    slab->previous = NULL;
    slab->next = *head;
    if (*head != NULL)
        (*head)->previous = slab;
    *head = slab;
}

static void list_remove(struct heap *heap, struct slab *slab)
{
    slab->listed = false;
    if (slab->previous != NULL)
        slab->previous->next = slab->next;
    else
        heap->partial[slab->class] = slab->next;
    if (slab->next != NULL)
        slab->next->previous = slab->previous;
}

static void count_out(struct heap *heap, unsigned class, int64_t more)
{
    _Atomic int64_t *out = &heap->counts.out[class];
    atomic_store_explicit(out, atomic_load_explicit(out, memory_order_relaxed) + more, memory_order_relaxed);
}

static void release(struct heap *heap, struct slab *slab)
{
    list_remove(heap, slab);
    heap_count(&heap->counts.slabs[slab->class], (uint64_t)-1);
    slab_delete(slab);
}

/* After blocks came back to SLAB: it is listed now, and given back if it is empty, unless KEEP_LAST and no other one can serve its class. */
static void settle(struct heap *heap, struct slab *slab, bool keep_last)
{
    if (slab->free_blocks == 0)
        return;
    if (!slab->listed)
        list_add(heap, slab);
    bool last = slab->next == NULL && slab->previous == NULL;
    if (slab_is_empty(slab) && !(keep_last && last))
        release(heap, slab);
}

struct heap *heap_push_pending(struct slab *slab)
{
    struct heap *heap = atomic_load_explicit(&slab->heap, memory_order_acquire);
    struct slab *first = atomic_load_explicit(&heap->pending, memory_order_relaxed);
    do
        slab->pending_next = first;
    while (!atomic_compare_exchange_weak_explicit(&heap->pending, &first, slab, memory_order_seq_cst, memory_order_relaxed));
    return heap;
}

void heap_take_back(struct heap *heap, struct slab *slab, bool heap_is_idle)
{
    count_out(heap, slab->class, -(int64_t)slab_collect(slab));
    settle(heap, slab, !heap_is_idle);
}

/* A heap with so many bytes in slabs of a class is going to use the next one as a whole. A thread that needs a few blocks of many sizes has one
 * slab of each, nearly empty and never touched. */
#define DENSE_FROM_BYTES ((uint64_t)1 << 20)

/* And a thread with so many in all, in its own heap and as its share of the shared one, is large: what is unused in its slabs, half a slab of each class,
 * is a small part of it. */
#define LARGE_FROM_BYTES ((uint64_t)8 << 20)

static uint64_t slab_bytes(const struct heap *heap, unsigned class)
{
    return atomic_load_explicit(&heap->counts.slabs[class], memory_order_relaxed) * size_classes[class].pages << PAGE_SHIFT;
}

uint64_t heap_bytes(const struct heap *heap)
{
    uint64_t bytes = 0;
    for (unsigned class = 0; class < size_class_count; class++)
        bytes += slab_bytes(heap, class);
    return bytes;
}

static uint64_t users_of(const struct heap *heap)
{
    return size_maximum(atomic_load_explicit(&heap->users, memory_order_relaxed), 1);
}

static unsigned use_of_next_slab(const struct heap *heap, unsigned class, const struct heap *beside)
{
    uint64_t users_bytes = heap_bytes(heap) / users_of(heap) + heap_bytes(beside) / users_of(beside);
    return (slab_bytes(heap, class) / users_of(heap) >= DENSE_FROM_BYTES ? SLAB_DENSE : 0) |
           (users_bytes >= LARGE_FROM_BYTES ? SLAB_OF_LARGE_HEAP : 0);
}

static void note_growth(struct heap *heap, unsigned use)
{
    if ((use & SLAB_OF_LARGE_HEAP) != 0 && !atomic_exchange_explicit(&heap->grew_large, true, memory_order_relaxed))
        pool_note_large_user();
}

bool heap_add_slab(struct heap *heap, unsigned class, const struct heap *beside)
{
    unsigned use = use_of_next_slab(heap, class, beside);
    note_growth(heap, use);
    struct slab *slab = slab_new(class, heap, heap_entry(heap, class), use);
    if (slab == NULL)
        return false;
    list_add(heap, slab);
    heap_count(&heap->counts.slabs[class], 1);
    return true;
}

uint32_t heap_take(struct heap *heap, unsigned class, void **end, uint32_t count)
{
    uint32_t taken = 0;
    for (struct slab *slab; taken < count && (slab = heap->partial[class]) != NULL;) {
        taken += slab_take(slab, end - taken, count - taken);
        if (slab->free_blocks == 0)
            list_remove(heap, slab);
    }
    count_out(heap, class, taken);
    return taken;
}

void *heap_take_zeroed(struct heap *heap, unsigned class)
{
    struct slab *slab = heap->partial[class];
    void *block = slab != NULL ? slab_take_zeroed(slab) : NULL;
    if (block == NULL)
        return NULL;
    if (slab->free_blocks == 0)
        list_remove(heap, slab);
    count_out(heap, class, 1);
    return block;
}

void heap_put(struct heap *heap, unsigned class, void *const *blocks, uint32_t count)
{
    for (uint32_t put = 0; put < count;) {
        struct slab *slab = page_map_descriptor(blocks[put]);
        put += slab_put(slab, blocks + put, count - put);
        settle(heap, slab, true);
    }
    count_out(heap, class, -(int64_t)count);
}

void heap_release_empty(struct heap *heap, unsigned class)
{
    for (struct slab *slab = heap->partial[class], *next; slab != NULL; slab = next) {
        next = slab->next;
        if (slab_is_empty(slab))
            release(heap, slab);
    }
}

void heap_release_all_empty(struct heap *heap)
{
    for (unsigned class = 0; class < size_class_count; class++)
        heap_release_empty(heap, class);
}

bool heap_adopt(struct heap *heap, struct heap *from, unsigned class)
{
    struct slab *slab = from->partial[class];
    if (slab == NULL)
        return false;
    for (struct slab *next; slab != NULL; slab = next) {
        next = slab->next;
        list_remove(from, slab);
        /* Release pairs with the acquire in heap_push_pending and in the registry's collect: who sees the new owner sees the list state that it took over. */
        atomic_store_explicit(&slab->heap, heap, memory_order_release);
        page_map_change(slab->base, size_classes[class].pages, heap_entry(heap, class));
        list_add(heap, slab);
        heap_count(&from->counts.slabs[class], (uint64_t)-1);
        heap_count(&heap->counts.slabs[class], 1);
        heap_count(&heap->counts.slabs_adopted, 1);
    }
    return true;
}
