#include "lib/heap/shared.h"

#include "lib/base/lock.h"

struct heap shared_heap = {.id = HEAP_ID_SHARED};

/* A cache line each: threads that need different classes do not meet. */
static struct class_lock {
    _Alignas(CACHE_LINE) struct lock lock;
} class_locks[SIZE_CLASSES_MAX] = {[0 ... SIZE_CLASSES_MAX - 1] = {LOCK_INITIALIZER}};

static void take_lock(unsigned class)
{
    lock_take(&class_locks[class].lock);
}

static void release_lock(unsigned class)
{
    lock_release(&class_locks[class].lock);
}

/* Under the lock of CLASS: sees to it that a slab has free blocks. */
static bool find(unsigned class, const struct heap *own)
{
    return shared_heap.partial[class] != NULL || heap_add_slab(&shared_heap, class, own);
}

uint32_t shared_take(const struct heap *own, unsigned class, void **end, uint32_t count)
{
    take_lock(class);
    uint32_t taken = find(class, own) ? heap_take(&shared_heap, class, end, count) : 0;
    release_lock(class);
    return taken;
}

void *shared_take_zeroed(const struct heap *own, unsigned class)
{
    take_lock(class);
    void *block = find(class, own) ? heap_take_zeroed(&shared_heap, class) : NULL;
    release_lock(class);
    return block;
}

void shared_put(unsigned class, void *const *blocks, uint32_t count)
{
    take_lock(class);
    heap_put(&shared_heap, class, blocks, count);
    release_lock(class);
}

void shared_release_empty(void)
{
    for (unsigned class = size_class_shared_from; class < size_class_count; class++) {
        take_lock(class);
        heap_release_empty(&shared_heap, class);
        release_lock(class);
    }
}

void shared_enter(void)
{
    atomic_fetch_add_explicit(&shared_heap.users, 1, memory_order_relaxed);
}

void shared_leave(void)
{
    atomic_fetch_sub_explicit(&shared_heap.users, 1, memory_order_relaxed);
}

void shared_lock(void)
{
    for (unsigned class = size_class_shared_from; class < size_class_count; class++)
        take_lock(class);
}

void shared_unlock(void)
{
    for (unsigned class = size_class_shared_from; class < size_class_count; class++)
        release_lock(class);
}

void shared_reset_lock(void)
{
    for (unsigned class = size_class_shared_from; class < size_class_count; class++)
        lock_reset(&class_locks[class].lock);
}
