/* SPDX-License-Identifier: MIT */
#include "lib/heap/registry.h"

#include "lib/base/lock.h"
#include "lib/profile/active.h"

#include <stdatomic.h>
#include <string.h>

#define LAST_ID (HEAP_ID_SHARED - 1)

static struct lock lock = LOCK_INITIALIZER;
/* under `lock`: idle heaps that are not kept, the newest first, because its slabs are warm */
static struct heap *idle_first, *idle_last;
static struct heap *kept[HAK_PROFILE_MAX_KEPT_CACHES]; /* under `lock`: the newest last */
static _Atomic uint32_t ids_used;     /* written under `lock`, read without as well (relaxed: a hint) */
_Atomic(struct heap *) registry_made; /* pushed under `lock` (release), read without (acquire) */
/* of these; written under `lock`, read without as well (relaxed: a hint) */
static _Atomic uint32_t idle_count, kept_count;

static void idle_add_first(struct heap *heap)
{
    heap->next_idle = idle_first;
    idle_first = heap;
    if (idle_last == NULL)
        idle_last = heap;
}

static struct heap *idle_remove_first(void)
{
    struct heap *heap = idle_first;
    idle_first = heap->next_idle;
    if (idle_first == NULL)
        idle_last = NULL;
    return heap;
}

static void idle_add_last(struct heap *heap)
{
    heap->next_idle = NULL;
    if (idle_last != NULL)
        idle_last->next_idle = heap;
    else
        idle_first = heap;
    idle_last = heap;
}

static uint32_t read_count(const _Atomic uint32_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

static void change(_Atomic uint32_t *count, uint32_t more)
{
    atomic_store_explicit(count, read_count(count) + more, memory_order_relaxed);
}

/* Under `lock`: removes heap number INDEX from those that are kept. */
static struct heap *kept_remove(uint32_t index)
{
    struct heap *heap = kept[index];
    change(&kept_count, (uint32_t)-1);
    memmove(kept + index, kept + index + 1, (read_count(&kept_count) - index) * sizeof *kept);
    return heap;
}

/* Under `lock`. */
static void kept_add(struct heap *heap)
{
    kept[read_count(&kept_count)] = heap;
    change(&kept_count, 1);
}

/* Under `lock`: the caller holds HEAP from now on; NULL stays NULL. */
static struct heap *hold(struct heap *heap)
{
    if (heap != NULL)
        atomic_store_explicit(&heap->idle, false, memory_order_seq_cst);
    return heap;
}

/* Under `lock`: NULL if there is none. */
static struct heap *remove_warmest(void)
{
    if (read_count(&kept_count) != 0)
        return kept_remove(read_count(&kept_count) - 1);
    if (idle_first == NULL)
        return NULL;
    change(&idle_count, (uint32_t)-1);
    return idle_remove_first();
}

struct heap *registry_take(void)
{
    if (read_count(&idle_count) == 0 && read_count(&kept_count) == 0)
        return NULL;
    lock_take(&lock);
    struct heap *heap = hold(remove_warmest());
    lock_release(&lock);
    return heap;
}

struct heap *registry_take_kept(void)
{
    lock_take(&lock);
    struct heap *heap = hold(read_count(&kept_count) != 0 ? kept_remove(0) : NULL);
    lock_release(&lock);
    return heap;
}

bool registry_is_full(void)
{
    return read_count(&ids_used) >= LAST_ID;
}

bool registry_enter(struct heap *heap)
{
    lock_take(&lock);
    bool room = !registry_is_full();
    if (room) {
        change(&ids_used, 1);
        heap->id = read_count(&ids_used);
        heap->next_made = atomic_load_explicit(&registry_made, memory_order_relaxed);
        atomic_store_explicit(&registry_made, heap, memory_order_release);
    }
    lock_release(&lock);
    return room;
}

/* A slab that was announced to an idle heap before another heap adopted it: the caller acts for its present owner if it
 * may (the lock makes it the owner of all idle heaps), else the slab goes on to that heap, still announced. */
static void pass_on(struct slab *slab, struct heap *owner, bool locked)
{
    if (locked && atomic_load_explicit(&owner->idle, memory_order_relaxed)) {
        heap_take_back(owner, slab, true);
        return;
    }
    owner = heap_push_pending(slab);
    if (!locked) /* else it cannot become idle before the lock is released, and will then collect */
        registry_after_push(owner);
}

/* Takes back all that other threads freed into HEAP's slabs; LOCKED says whether the caller is its owner by holding the
 * lock. */
static void collect(struct heap *heap, bool locked)
{
    /* Acquire pairs with the release in heap_push_pending: the links are there. */
    struct slab *slab = atomic_exchange_explicit(&heap->pending, NULL, memory_order_seq_cst);
    for (struct slab *next; slab != NULL; slab = next) {
        next = slab->pending_next;
        struct heap *owner = atomic_load_explicit(&slab->heap, memory_order_acquire);
        if (LIKELY(owner == heap))
            heap_take_back(heap, slab, locked);
        else
            pass_on(slab, owner, locked);
    }
}

void registry_collect(struct heap *heap)
{
    collect(heap, false);
}

uint32_t registry_kept(void)
{
    return read_count(&kept_count);
}

/* Under `lock`: HEAP becomes idle. An idle heap keeps no empty slab. */
static void make_idle(struct heap *heap)
{
    atomic_store_explicit(&heap->idle, true, memory_order_seq_cst);
    collect(heap, true);
    heap_reclaim(heap);
}

void registry_give(struct heap *heap)
{
    lock_take(&lock);
    make_idle(heap);
    idle_add_first(heap);
    change(&idle_count, 1);
    lock_release(&lock);
}

/* A heap with more bytes in its slabs, and in the shared heap's blocks in its stacks, is not kept: no other thread can
 * use them. */
#define KEPT_MOST_SLAB_PAGES 64

struct heap *registry_keep(struct heap *heap, size_t shared_bytes)
{
    uint64_t most = KEPT_MOST_SLAB_PAGES * HAK_PROFILE(pages_slab_page);
    if (HAK_PROFILE(thread_cache_keep) == 0 || heap_bytes(heap) + shared_bytes > most)
        return heap;
    lock_take(&lock);
    struct heap *gone = read_count(&kept_count) == HAK_PROFILE(thread_cache_keep) ? hold(kept_remove(0)) : NULL;
    make_idle(heap);
    kept_add(heap);
    lock_release(&lock);
    return gone;
}

/* Collects for one idle heap, and hands its slabs of CLASS over if it has some with free blocks. */
static bool adopt_from(struct heap *heap, struct heap *idle, unsigned class)
{
    if (heap_has_pending(idle))
        collect(idle, true);
    return heap_adopt(heap, idle, class);
}

bool registry_adopt(struct heap *heap, unsigned class)
{
    uint32_t searches = read_count(&idle_count);
    if (LIKELY(searches == 0))
        return false;
    lock_take(&lock);
    searches = read_count(&idle_count);
    if (searches > REGISTRY_SEARCH_LIMIT)
        searches = REGISTRY_SEARCH_LIMIT;
    bool found = false;
    while (!found && searches-- > 0) {
        struct heap *idle = idle_remove_first();
        found = adopt_from(heap, idle, class);
        if (found)
            idle_add_first(idle);
        else
            idle_add_last(idle); /* the next search begins with others */
    }
    lock_release(&lock);
    return found;
}

void registry_after_push(struct heap *heap)
{
    if (LIKELY(!atomic_load_explicit(&heap->idle, memory_order_seq_cst)))
        return;
    lock_take(&lock);
    if (atomic_load_explicit(&heap->idle, memory_order_relaxed))
        collect(heap, true);
    lock_release(&lock);
}

void registry_collect_idle(void)
{
    lock_take(&lock);
    for (struct heap *heap = idle_first; heap != NULL; heap = heap->next_idle)
        collect(heap, true);
    for (uint32_t index = 0; index < read_count(&kept_count); index++)
        collect(kept[index], true);
    lock_release(&lock);
}

void registry_each(void (*visit)(struct heap *heap, void *context), void *context)
{
    /* Acquire pairs with the release in registry_enter. */
    for (struct heap *heap = atomic_load_explicit(&registry_made, memory_order_acquire); heap != NULL;
         heap = heap->next_made)
        visit(heap, context);
}

void registry_lock(void)
{
    lock_take(&lock);
}

void registry_unlock(void)
{
    lock_release(&lock);
}

void registry_reset_lock(void)
{
    lock_reset(&lock);
}
