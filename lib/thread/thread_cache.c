#include "lib/thread/thread_cache.h"

#include "lib/base/os.h"
#include "lib/heap/refill.h"
#include "lib/heap/registry.h"
#include "lib/profile/active.h"
#include "lib/space/purge.h"

#include <string.h>

/* A stack that is empty and full: where a class's stack has not been set up, a pop finds NULL and a push finds the limit. */
static void *no_stack[2] = {NULL, NULL};
#define NO_STACK (no_stack + 1)

/* No heap has the largest id, so no page's entry matches this key. */
#define NO_KEY (~UINT32_C(0) << PAGE_MAP_CLASS_BITS)

#define EVERY_CLASS [0 ... SIZE_CLASSES_MAX - 1]
struct thread_cache thread_cache_none = {
    .key = NO_KEY,
    .top = {EVERY_CLASS = NO_STACK},
    .limit = {EVERY_CLASS = NO_STACK},
    .bottom = {EVERY_CLASS = NO_STACK},
};

_Thread_local struct thread_cache *thread_cache_of_thread = &thread_cache_none;

static void **top_of(const struct thread_cache *cache, unsigned class) {
    return atomic_load_explicit(&cache->top[class], memory_order_relaxed);
}

/* Acquire pairs with the release in set_bottom: who sees a stack's bottom sees a top in the same stack. */
static void **bottom_of(const struct thread_cache *cache, unsigned class) {
    return atomic_load_explicit(&cache->bottom[class], memory_order_acquire);
}

static void set_bottom(struct thread_cache *cache, unsigned class, void **bottom) {
    atomic_store_explicit(&cache->bottom[class], bottom, memory_order_release);
}

static void set_top(struct thread_cache *cache, unsigned class, void **top) {
    atomic_store_explicit(&cache->top[class], top, memory_order_relaxed);
}

/* Bytes of all stacks of one cache: each its capacity, and the NULL below. They lie behind the cache, untouched until they are used. */
static size_t stacks_bytes(void) {
    size_t slots = 0;
    for (unsigned class = 0; class < size_class_count; class++)
        slots += size_classes[class].capacity + 1;
    return slots * sizeof(void *);
}

size_t thread_cache_bytes(void) {
    return round_up(sizeof(struct thread_cache) + stacks_bytes(), os_page_bytes);
}

struct thread_cache *thread_cache_new(void) {
    struct thread_cache *cache = os_map(thread_cache_bytes());
    if (cache == NULL)
        return NULL;
    for (unsigned class = 0; class < SIZE_CLASSES_MAX; class++) {
        set_top(cache, class, NO_STACK);
        set_bottom(cache, class, NO_STACK);
        cache->limit[class] = NO_STACK;
    }
    if (!registry_enter(&cache->heap)) {
        os_unmap(cache, thread_cache_bytes());
        return NULL;
    }
    cache->key = heap_entry(&cache->heap, 0);
    return cache;
}

struct thread_cache *thread_cache_of_heap(struct heap *heap) {
    return (struct thread_cache *)((char *)heap - offsetof(struct thread_cache, heap));
}

/* Sets up the stack of CLASS at its first use. */
static void need_stack(struct thread_cache *cache, unsigned class) {
    if (LIKELY(bottom_of(cache, class) != NO_STACK))
        return;
    void **stack = (void **)(cache + 1);
    for (unsigned before = 0; before < class; before++)
        stack += size_classes[before].capacity + 1;
    cache->limit[class] = stack + 1 + size_classes[class].limit;
    set_top(cache, class, stack + 1);
    set_bottom(cache, class, stack + 1);
}

void *thread_cache_refill(struct thread_cache *cache, unsigned class) {
    need_stack(cache, class);
    void **bottom = bottom_of(cache, class);
    uint32_t want = size_classes[class].refill;
    uint32_t got = refill_take(&cache->heap, class, bottom + want, want);
    if (UNLIKELY(got == 0))
        return NULL;
    if (got < want)
        memmove(bottom, bottom + want - got, got * sizeof *bottom);
    set_top(cache, class, bottom + got - 1);
    return bottom[got - 1];
}

/* Puts the COUNT oldest blocks of a stack back into their slabs. */
static void drain(struct thread_cache *cache, unsigned class, size_t count) {
    void **bottom = bottom_of(cache, class);
    size_t height = (size_t)(top_of(cache, class) - bottom);
    heap_put(&cache->heap, class, bottom, (uint32_t)count);
    purge_tick();
    memmove(bottom, bottom + count, (height - count) * sizeof *bottom);
    set_top(cache, class, bottom + height - count);
}

void thread_cache_push(struct thread_cache *cache, unsigned class, void *block) {
    need_stack(cache, class);
    size_t height = (size_t)(top_of(cache, class) - bottom_of(cache, class));
    if (height >= size_classes[class].limit)
        drain(cache, class, size_maximum(height * HAK_PROFILE(thread_cache_drain_batch) / 100, 1));
    void **top = top_of(cache, class);
    *top = block;
    set_top(cache, class, top + 1);
}

void thread_cache_drain_all(struct thread_cache *cache) {
    for (unsigned class = 0; class < size_class_count; class++) {
        size_t height = thread_cache_height(cache, class);
        if (height != 0)
            drain(cache, class, height);
    }
    remote_free_flush(&cache->remote, &cache->heap);
}

size_t thread_cache_height(const struct thread_cache *cache, unsigned class) {
    void **bottom = bottom_of(cache, class); /* first, see there */
    void **top = top_of(cache, class);
    return bottom == NO_STACK || top < bottom ? 0 : (size_t)(top - bottom);
}

bool thread_cache_is_sound(const struct thread_cache *cache, unsigned class) {
    void **bottom = bottom_of(cache, class);
    return bottom[-1] == NULL && thread_cache_height(cache, class) <= size_classes[class].limit;
}
