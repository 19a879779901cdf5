#include "lib/heap/heap.h"

#include "lib/heap/registry.h"
#include "lib/space/purge.h"

static void list_add(struct heap *heap, struct slab *slab) {
    struct slab **head = &heap->partial[slab->class];
    slab->listed = true;
    slab->previous = NULL;
    slab->next = *head;
    if (*head != NULL)
        (*head)->previous = slab;
    *head = slab;
}

static void list_remove(struct heap *heap, struct slab *slab) {
    slab->listed = false;
    if (slab->previous != NULL)
        slab->previous->next = slab->next;
    else
        heap->partial[slab->class] = slab->next;
    if (slab->next != NULL)
        slab->next->previous = slab->previous;
}

static void count_out(struct heap *heap, unsigned class, int64_t more) {
    _Atomic int64_t *out = &heap->counts.out[class];
    atomic_store_explicit(out, atomic_load_explicit(out, memory_order_relaxed) + more, memory_order_relaxed);
}

static void release(struct heap *heap, struct slab *slab) {
    list_remove(heap, slab);
    heap_count(&heap->counts.slabs[slab->class], (uint64_t)-1);
    slab_delete(slab);
}

/* After blocks came back to SLAB: it is listed now, and given back if it is empty, unless KEEP_LAST and no other one can serve its class. */
static void settle(struct heap *heap, struct slab *slab, bool keep_last) {
    if (slab->free_blocks == 0)
        return;
    if (!slab->listed)
        list_add(heap, slab);
    bool last = slab->next == NULL && slab->previous == NULL;
    if (slab_is_empty(slab) && !(keep_last && last))
        release(heap, slab);
}

struct heap *heap_push_pending(struct slab *slab) {
    struct heap *heap = atomic_load_explicit(&slab->heap, memory_order_acquire);
    struct slab *first = atomic_load_explicit(&heap->pending, memory_order_relaxed);
    do
        slab->pending_next = first;
    while (!atomic_compare_exchange_weak_explicit(&heap->pending, &first, slab, memory_order_seq_cst, memory_order_relaxed));
    return heap;
}

/* Takes back what was freed into SLAB, which belongs to HEAP and is off its pending list. An idle heap keeps no empty slab. */
static void take_back(struct heap *heap, struct slab *slab, bool heap_is_idle) {
    count_out(heap, slab->class, -(int64_t)slab_collect(slab));
    settle(heap, slab, !heap_is_idle);
}

/* A slab that was announced to an idle heap before another heap adopted it: the caller acts for its present owner if it may (the registry's lock
 * makes it the owner of all idle heaps), else the slab goes on to that heap, still announced. */
static void pass_on(struct slab *slab, struct heap *owner, bool registry_locked) {
    if (registry_locked && atomic_load_explicit(&owner->idle, memory_order_relaxed)) {
        take_back(owner, slab, true);
        return;
    }
    owner = heap_push_pending(slab);
    if (!registry_locked) /* else it cannot become idle before the lock is released, and will then collect */
        registry_after_push(owner);
}

void heap_collect(struct heap *heap, bool registry_locked) {
    /* Acquire pairs with the release in heap_push_pending: the links are there. */
    struct slab *slab = atomic_exchange_explicit(&heap->pending, NULL, memory_order_seq_cst);
    for (struct slab *next; slab != NULL; slab = next) {
        next = slab->pending_next;
        struct heap *owner = atomic_load_explicit(&slab->heap, memory_order_acquire);
        if (LIKELY(owner == heap))
            take_back(heap, slab, registry_locked);
        else
            pass_on(slab, owner, registry_locked);
    }
}

static struct slab *add_slab(struct heap *heap, unsigned class) {
    struct slab *slab = slab_new(class, heap, heap_entry(heap, class));
    if (slab == NULL)
        return NULL;
    list_add(heap, slab);
    heap_count(&heap->counts.slabs[class], 1);
    return slab;
}

/* A slab of CLASS with free blocks: one of the heap's own, else what others freed, an idle heap's, a new one (if MAY_GROW), or what is left when
 * all empty memory has been given back. */
static struct slab *find_slab(struct heap *heap, unsigned class, bool may_grow) {
    if (heap->partial[class] == NULL && heap_has_pending(heap))
        heap_collect(heap, false);
    if (heap->partial[class] != NULL || !may_grow)
        return heap->partial[class];
    if (registry_adopt(heap, class))
        return heap->partial[class];
    struct slab *slab = add_slab(heap, class);
    if (UNLIKELY(slab == NULL)) {
        heap_release_empty(heap); /* the last of other classes: their pages may do */
        purge_for_room();
        slab = add_slab(heap, class);
    }
    return slab;
}

uint32_t heap_take(struct heap *heap, unsigned class, void **end, uint32_t count) {
    uint32_t taken = 0;
    while (taken < count) {
        struct slab *slab = find_slab(heap, class, taken == 0);
        if (slab == NULL)
            break;
        taken += slab_take(slab, end - taken, count - taken);
        if (slab->free_blocks == 0)
            list_remove(heap, slab);
    }
    count_out(heap, class, taken);
    heap_count(&heap->counts.refills, 1);
    heap_count(&heap->counts.refilled_blocks, taken);
    purge_tick();
    return taken;
}

void *heap_take_zeroed(struct heap *heap, unsigned class) {
    struct slab *slab = find_slab(heap, class, true);
    void *block = slab != NULL ? slab_take_zeroed(slab) : NULL;
    if (block == NULL)
        return NULL;
    if (slab->free_blocks == 0)
        list_remove(heap, slab);
    count_out(heap, class, 1);
    heap_count(&heap->counts.zero_fills_spared, 1);
    return block;
}

void heap_put(struct heap *heap, unsigned class, void *const *blocks, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct slab *slab = page_map_descriptor(blocks[i]);
        slab_put(slab, blocks[i]);
        settle(heap, slab, true);
    }
    count_out(heap, class, -(int64_t)count);
    heap_count(&heap->counts.drains, 1);
    heap_count(&heap->counts.drained_blocks, count);
    purge_tick();
}

void heap_release_empty(struct heap *heap) {
    for (unsigned class = 0; class < size_class_count; class++)
        for (struct slab *slab = heap->partial[class], *next; slab != NULL; slab = next) {
            next = slab->next;
            if (slab_is_empty(slab))
                release(heap, slab);
        }
}

bool heap_adopt(struct heap *heap, struct heap *from, unsigned class) {
    struct slab *slab = from->partial[class];
    if (slab == NULL)
        return false;
    for (struct slab *next; slab != NULL; slab = next) {
        next = slab->next;
        list_remove(from, slab);
        /* Release pairs with the acquire in heap_push_pending and heap_collect: who sees the new owner sees the list state that it took over. */
        atomic_store_explicit(&slab->heap, heap, memory_order_release);
        page_map_change(slab->base, size_classes[class].pages, heap_entry(heap, class));
        list_add(heap, slab);
        heap_count(&from->counts.slabs[class], (uint64_t)-1);
        heap_count(&heap->counts.slabs[class], 1);
        heap_count(&heap->counts.slabs_adopted, 1);
    }
    return true;
}
