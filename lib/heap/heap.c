/* SPDX-License-Identifier: MIT */
#include "lib/heap/heap.h"

#include "lib/heap/slab_holes.h"

static _Atomic int64_t shared_touched[SIZE_CLASSES_MAX];
static _Atomic int64_t shared_purged[SIZE_CLASSES_MAX];
struct heap sampled_heap;
struct heap shared_heap = {.id = HEAP_ID_SHARED, .touched = shared_touched, .purged = shared_purged};

/* A list's first slab has the last as its `previous`. */
static void partial_add(struct heap *heap, struct slab *slab)
{
    struct slab **head = &heap->partial[slab->class];
    slab->listed = true;
    slab->previous = *head != NULL ? (*head)->previous : slab;
    slab->next = *head;
    if (*head != NULL)
        (*head)->previous = slab;
    *head = slab;
}

static void partial_remove(struct heap *heap, struct slab *slab)
{
    struct slab **head = &heap->partial[slab->class];
    slab->listed = false;
    if (*head == slab)
        *head = slab->next;
    else
        slab->previous->next = slab->next;
    if (slab->next != NULL)
        slab->next->previous = slab->previous;
    else if (*head != NULL)
        (*head)->previous = slab->previous;
}

/* Others of its class serve first. */
static void partial_move_last(struct heap *heap, struct slab *slab)
{
    struct slab **head = &heap->partial[slab->class];
    partial_remove(heap, slab);
    if (*head == NULL) {
        partial_add(heap, slab);
        return;
    }
    slab->listed = true;
    slab->next = NULL;
    slab->previous = (*head)->previous;
    slab->previous->next = slab;
    (*head)->previous = slab;
}

static void count_touched(struct heap *heap, unsigned class, int64_t more)
{
    if (heap->touched != NULL && more != 0)
        heap_count_blocks(&heap->touched[class], more);
}

static void count_purged(struct heap *heap, unsigned class, int64_t more)
{
    if (heap->purged == NULL)
        heap->own_purged += (uint64_t)more;
    else if (more != 0)
        heap_count_blocks(&heap->purged[class], more);
}

/* SLAB, which has free blocks, is the heap's from now on. */
static void add_slab(struct heap *heap, struct slab *slab)
{
    partial_add(heap, slab);
    heap_count_slabs(heap, slab->class, 1);
    count_touched(heap, slab->class, slab->untouched);
    count_purged(heap, slab->class, (int64_t)slab_purged_bytes(slab));
}

/* SLAB, which has free blocks, is the heap's no more. */
static void remove_slab(struct heap *heap, struct slab *slab)
{
    partial_remove(heap, slab);
    heap_count_slabs(heap, slab->class, -1);
    count_touched(heap, slab->class, -(int64_t)slab->untouched);
    count_purged(heap, slab->class, -(int64_t)slab_purged_bytes(slab));
}

/* After blocks came back to SLAB: it is listed now; or it is empty, and the heap's no more, unless KEEP_LAST and no
 * other one can serve its class: then true. */
static bool settle(struct heap *heap, struct slab *slab, bool keep_last)
{
    if (slab->free_blocks == 0)
        return false;
    if (!slab->listed)
        partial_add(heap, slab);
    bool last = slab->next == NULL && heap->partial[slab->class] == slab;
    if (!slab_is_empty(slab) || (keep_last && last))
        return false;
    remove_slab(heap, slab);
    return true;
}

struct heap *heap_push_pending(struct slab *slab)
{
    struct heap *heap = atomic_load_explicit(&slab->heap, memory_order_acquire);
    struct slab *first = atomic_load_explicit(&heap->pending, memory_order_relaxed);
    do
        slab->pending_next = first;
    while (!atomic_compare_exchange_weak_explicit(&heap->pending, &first, slab, memory_order_seq_cst,
                                                  memory_order_relaxed));
    return heap;
}

void heap_take_back(struct heap *heap, struct slab *slab, bool heap_is_idle)
{
    heap_count_allocated(heap, slab->class, -(int64_t)slab_collect(slab));
    if (settle(heap, slab, !heap_is_idle))
        slab_delete(slab);
}

uint64_t heap_slab_bytes(const struct heap *heap, unsigned class)
{
    uint64_t slabs = atomic_load_explicit(&heap->counts.slabs[class], memory_order_relaxed);
    return slabs * size_classes[class].pages << PAGE_SHIFT;
}

uint64_t heap_bytes(const struct heap *heap)
{
    uint64_t bytes = 0;
    for (unsigned class = 0; class < size_class_count; class ++)
        bytes += heap_slab_bytes(heap, class);
    return bytes;
}

bool heap_add_slab(struct heap *heap, unsigned class, unsigned use)
{
    struct slab *slab = slab_new(class, heap, heap_entry(heap, class), use);
    if (slab == NULL)
        return false;
    add_slab(heap, slab);
    return true;
}

/* Takes as slab_take does. Blocks in memory that was given back are refaults. */
static uint32_t take_from(struct heap *heap, struct slab *slab, void **end, uint32_t count)
{
    uint16_t untouched = slab->untouched;
    size_t purged = UNLIKELY(slab->purged != 0) ? slab_purged_bytes(slab) : 0;
    uint32_t taken = slab_take(slab, end, count);
    count_touched(heap, slab->class, slab->untouched - untouched);
    if (UNLIKELY(purged != 0)) {
        size_t refaulted = purged - slab_purged_bytes(slab);
        count_purged(heap, slab->class, -(int64_t)refaulted);
        atomic_fetch_add_explicit(&heap->counts.refaulted_bytes, refaulted, memory_order_relaxed);
    }
    return taken;
}

uint32_t heap_take(struct heap *heap, unsigned class, void **end, uint32_t count)
{
    uint32_t taken = 0;
    for (struct slab *slab; taken < count && (slab = heap->partial[class]) != NULL;) {
        taken += take_from(heap, slab, end - taken, count - taken);
        if (slab->free_blocks == 0)
            partial_remove(heap, slab);
    }
    return taken;
}

void *heap_take_zeroed(struct heap *heap, unsigned class)
{
    struct slab *slab = heap->partial[class];
    void *block = slab != NULL ? slab_take_zeroed(slab) : NULL;
    if (block == NULL)
        return NULL;
    count_touched(heap, class, 1);
    if (slab->free_blocks == 0)
        partial_remove(heap, slab);
    return block;
}

/* Whether SLAB, where a block of CLASS from a stack of the heap's lies, is such a slab: not if the block was freed
 * before, and its slab has gone. */
static bool is_slab_of(const struct heap *heap, unsigned class, const struct slab *slab)
{
    return slab->class == class && atomic_load_explicit(&slab->heap, memory_order_relaxed) == heap;
}

uint32_t heap_put(struct heap *heap, unsigned class, void *const *blocks, uint32_t count, struct slab **emptied)
{
    uint32_t put = 0, more;
    for (; put < count; put += more) {
        struct slab *slab = page_map_descriptor(blocks[put]); /* there is or was one: it had been in the stack */
        more = LIKELY(is_slab_of(heap, class, slab)) ? slab_put(slab, blocks + put, count - put) : 0;
        if (UNLIKELY(more == 0))
            break;
        if (settle(heap, slab, true)) {
            slab->next = *emptied;
            *emptied = slab;
        }
    }
    return put;
}

void heap_delete_slabs(struct slab *emptied)
{
    for (struct slab *next; emptied != NULL; emptied = next) {
        next = emptied->next;
        slab_delete(emptied);
    }
}

void heap_report_not_free(unsigned class, const void *pointer, const char *function)
{
    uint32_t entry = page_map_entry(pointer); /* its descriptor may be left from a slab that has gone */
    if (entry > PAGE_SPECIAL_MOST && page_map_class(entry) == class)
        slab_report_not_free(page_map_descriptor(pointer), pointer, function);
    else
        slab_report_double_free(class, pointer, function);
}

/* Parts of a huge page are worth less than the whole: it is broken up where the slab is nearly empty. */
#define BREAK_UP_SHARE 2

static bool may_purge_holes(const struct slab *slab)
{
    return pool_may_purge_parts(slab->superslab, slab->free_blocks >= slab->blocks - slab->blocks / BREAK_UP_SHARE);
}

size_t heap_purge_holes(struct heap *heap, unsigned class, size_t bytes)
{
    size_t purged = 0;
    struct slab *last = heap->partial[class] != NULL ? heap->partial[class]->previous : NULL;
    for (struct slab *slab = heap->partial[class], *next; slab != NULL && purged < bytes; slab = next) {
        next = slab == last ? NULL : slab->next;
        size_t more = may_purge_holes(slab) ? slab_purge_holes(slab) : 0;
        if (more == 0)
            continue;
        purged += more;
        partial_move_last(heap, slab);
    }
    count_purged(heap, class, (int64_t)purged);
    atomic_fetch_add_explicit(&heap->counts.purged_bytes, purged, memory_order_relaxed);
    return purged;
}

struct slab *heap_remove_empty(struct heap *heap, unsigned class)
{
    struct slab *emptied = NULL;
    for (struct slab *slab = heap->partial[class], *next; slab != NULL; slab = next) {
        next = slab->next;
        if (!slab_is_empty(slab))
            continue;
        remove_slab(heap, slab);
        slab->next = emptied;
        emptied = slab;
    }
    return emptied;
}

bool heap_reclaim(struct heap *heap)
{
    bool released = false;
    for (unsigned class = 0; class < size_class_count; class ++) {
        struct slab *emptied = heap_remove_empty(heap, class);
        released |= emptied != NULL;
        heap_delete_slabs(emptied);
    }
    return released;
}

bool heap_adopt(struct heap *heap, struct heap *from, unsigned class)
{
    struct slab *slab = from->partial[class];
    if (slab == NULL)
        return false;
    for (struct slab *next; slab != NULL; slab = next) {
        next = slab->next;
        remove_slab(from, slab);
        /* Release pairs with the acquire in heap_push_pending and in the registry's collect: who sees the new owner
         * sees the list state that it took over. */
        atomic_store_explicit(&slab->heap, heap, memory_order_release);
        page_map_change(slab->base, size_classes[class].pages, heap_entry(heap, class));
        add_slab(heap, slab);
        heap_count(&heap->counts.slabs_adopted, 1);
    }
    return true;
}
