/* SPDX-License-Identifier: MIT */
#include "lib/heap/shared.h"

#include "lib/base/lock.h"
#include "lib/heap/footprint.h"
#include "lib/heap/slab_examine.h"

/* Few classes have a lock in common: fork holds them all, and a tool that watches locks may know no more than 64 at
 * once. Each has its cache line. */
#define LOCKS 32u
static struct class_lock {
    _Alignas(CACHE_LINE) struct lock lock;
} class_locks[LOCKS] = {[0 ... LOCKS - 1] = {LOCK_INITIALIZER}};

static void take_lock(unsigned class)
{
    lock_take(&class_locks[class % LOCKS].lock);
}

static void release_lock(unsigned class)
{
    lock_release(&class_locks[class % LOCKS].lock);
}

/* With the lock of CLASS: makes a slab if none has free blocks. It is made under the lock,
 * since all threads that wait for the lock are to use that one and not to make one each. */
static bool find(const struct heap *own, unsigned class)
{
    if (LIKELY(shared_heap.partial[class] != NULL))
        return true;
    return heap_add_slab(&shared_heap, class, footprint_foresee_use(own, class));
}

uint32_t shared_take(struct heap *own, unsigned class, void **end, uint32_t count)
{
    take_lock(class);
    uint32_t taken = find(own, class) ? heap_take(&shared_heap, class, end, count) : 0;
    heap_count_allocated(&shared_heap, class, taken);
    release_lock(class);
    return taken;
}

void *shared_take_zeroed(struct heap *own, unsigned class)
{
    take_lock(class);
    void *block = find(own, class) ? heap_take_zeroed(&shared_heap, class) : NULL;
    heap_count_allocated(&shared_heap, class, block != NULL);
    release_lock(class);
    return block;
}

uint32_t shared_put(unsigned class, void *const *blocks, uint32_t count)
{
    struct slab *emptied = NULL;
    take_lock(class);
    uint32_t put = heap_put(&shared_heap, class, blocks, count, &emptied);
    heap_count_allocated(&shared_heap, class, -(int64_t)put);
    release_lock(class);
    heap_delete_slabs(emptied);
    return put;
}

size_t shared_examine(unsigned class, void *const *blocks, size_t count)
{
    take_lock(class);
    size_t good = slab_examine(heap_entry(&shared_heap, class), blocks, count);
    release_lock(class);
    return good;
}

size_t shared_purge_holes(unsigned class, size_t bytes)
{
    take_lock(class);
    size_t purged = heap_purge_holes(&shared_heap, class, bytes);
    release_lock(class);
    return purged;
}

bool shared_reclaim(void)
{
    bool released = false;
    for (unsigned class = 0; class < size_class_count; class ++) {
        take_lock(class);
        struct slab *emptied = heap_remove_empty(&shared_heap, class);
        release_lock(class);
        released |= emptied != NULL;
        heap_delete_slabs(emptied);
    }
    return released;
}

void shared_lock(void)
{
    for (unsigned number = 0; number < LOCKS; number++)
        lock_take(&class_locks[number].lock);
}

void shared_unlock(void)
{
    for (unsigned number = 0; number < LOCKS; number++)
        lock_release(&class_locks[number].lock);
}

void shared_reset_lock(void)
{
    for (unsigned number = 0; number < LOCKS; number++)
        lock_reset(&class_locks[number].lock);
}
