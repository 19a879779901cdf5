/* SPDX-License-Identifier: MIT */
/* What is given back when memory is refused, step by step. */
#include "lib/thread/reclaim.h"

#include "lib/heap/registry.h"
#include "lib/heap/shared.h"
#include "lib/profile/active.h"
#include "lib/space/large.h"
#include "lib/space/pool.h"
#include "lib/thread/thread_cache.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#include <pthread.h>

#define SHORT_BYTES 48 /* of a class that each thread has for itself */
#define SHARED_BYTES 256
#define MAPPING_BYTES ((size_t)40 << 20)

static uint32_t slabs_of(const struct heap *heap, size_t size)
{
    return atomic_load(&heap->counts.slabs[size_class_of(size)]);
}

static uint64_t cached_bytes(void)
{
    struct pool_counts counts;
    pool_count(&counts, false);
    return counts.large_retained_bytes;
}

static void allocate_and_free(size_t size)
{
    hak_free(hak_malloc(size));
}

/* Each floor has something empty: the thread's heap, the shared heap, the large blocks. */
static void what_is_empty_goes_first_in_child(void)
{
    hak_active_profile.large_cache = 2 * MAPPING_BYTES;
    allocate_and_free(SHORT_BYTES);
    allocate_and_free(SHARED_BYTES);
    allocate_and_free(MAPPING_BYTES);
    struct thread_cache *cache = thread_cache_of_thread;
    thread_cache_drain_all(cache);
    CHILD_CHECK(slabs_of(&cache->heap, SHORT_BYTES) == 1 && slabs_of(&shared_heap, SHARED_BYTES) == 1);
    CHILD_CHECK(cached_bytes() >= MAPPING_BYTES);
    unsigned step = 0;
    CHILD_CHECK(reclaim_next(&step));
    CHILD_CHECK(slabs_of(&cache->heap, SHORT_BYTES) == 0 && slabs_of(&shared_heap, SHARED_BYTES) == 0);
    CHILD_CHECK(cached_bytes() == 0);
    CHILD_CHECK(!reclaim_next(&step) && !reclaim_next(&step));
}

/* What the thread's stacks hold keeps slabs from becoming empty, and goes next. */
static void stacks_go_next_in_child(void)
{
    allocate_and_free(SHORT_BYTES);
    allocate_and_free(SHARED_BYTES);
    struct thread_cache *cache = thread_cache_of_thread;
    CHILD_CHECK(thread_cache_height(cache, size_class_of(SHORT_BYTES)) != 0);
    CHILD_CHECK(slabs_of(&cache->heap, SHORT_BYTES) == 1 && slabs_of(&shared_heap, SHARED_BYTES) == 1);
    unsigned step = 0;
    CHILD_CHECK(reclaim_next(&step)); /* the unused end of the SuperSlab */
    CHILD_CHECK(slabs_of(&cache->heap, SHORT_BYTES) == 1 && slabs_of(&shared_heap, SHARED_BYTES) == 1);
    CHILD_CHECK(reclaim_next(&step));
    CHILD_CHECK(slabs_of(&cache->heap, SHORT_BYTES) == 0 && slabs_of(&shared_heap, SHARED_BYTES) == 0);
    CHILD_CHECK(!reclaim_next(&step));
}

static void *live(void *nothing)
{
    allocate_and_free(SHORT_BYTES);
    return nothing;
}

static void what_is_kept_goes_next_in_child(void)
{
    pthread_t thread;
    unsigned step = 0;
    CHILD_CHECK(pthread_create(&thread, NULL, live, NULL) == 0 && pthread_join(thread, NULL) == 0);
    CHILD_CHECK(registry_kept() == 1);
    hak_active_profile.large_cache = 2 * MAPPING_BYTES;
    allocate_and_free(MAPPING_BYTES);
    thread_cache_drain_all(thread_cache_of_thread);
    CHILD_CHECK(reclaim_next(&step) && registry_kept() == 1);
    CHILD_CHECK(reclaim_next(&step) && registry_kept() == 0);
    CHILD_CHECK(!reclaim_next(&step));
}

/* A step that gives nothing back is none: nothing could come of a further try. */
static void what_gives_nothing_is_passed_over_in_child(void)
{
    unsigned step = 0;
    while (reclaim_next(&step))
        ;
    step = 0;
    CHILD_CHECK(!reclaim_next(&step));
}

/* After the ladder: a class without a slab, for which there is no page, has blocks of larger ones. */
static void larger_classes_serve_in_child(void)
{
    CHILD_CHECK(hak_malloc(SHARED_BYTES) != NULL); /* and its slab has more */
    limit_address_space(PAGE_BYTES);
    for (size_t size = SMALL_MAX_BYTES; size >= 4096; size /= 2)
        while (hak_malloc(size) != NULL)
            ;
    unsigned char *block = hak_malloc(SHARED_BYTES / 3);
    CHILD_CHECK(block != NULL && hak_malloc_usable_size(block) == SHARED_BYTES);
    CHILD_CHECK(hak_calloc(1, SHARED_BYTES / 4) != NULL);
    CHILD_CHECK(hak_malloc(SHARED_BYTES / 10) == NULL); /* too small to have so much */
}

static void what_is_empty_goes_first(void **state)
{
    (void)state;
    assert_child_passes(what_is_empty_goes_first_in_child);
}

static void stacks_go_next(void **state)
{
    (void)state;
    assert_child_passes(stacks_go_next_in_child);
}

static void what_is_kept_goes_next(void **state)
{
    (void)state;
#ifdef __SANITIZE_THREAD__
    print_message("skipped: ThreadSanitizer lets a forked child start no thread\n");
    skip();
#endif
    assert_child_passes(what_is_kept_goes_next_in_child);
}

static void what_gives_nothing_is_passed_over(void **state)
{
    (void)state;
    assert_child_passes(what_gives_nothing_is_passed_over_in_child);
}

static void larger_classes_serve(void **state)
{
    (void)state;
    assert_child_passes(larger_classes_serve_in_child);
}

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_empty_goes_first), cmocka_unit_test(stacks_go_next),
        cmocka_unit_test(what_is_kept_goes_next),   cmocka_unit_test(what_gives_nothing_is_passed_over),
        cmocka_unit_test(larger_classes_serve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
