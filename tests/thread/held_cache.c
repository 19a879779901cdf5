/* SPDX-License-Identifier: MIT */
/* A thread whose cache is hidden goes by the slow paths, and with the same cache. */
#include "lib/thread/held_cache.h"

#include "lib/thread/attach.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#include <pthread.h>

#define BYTES 256

static size_t height(void)
{
    return thread_cache_height(held_cache, size_class_of(BYTES));
}

static void in_a_thread(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, body, argument), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* Two blocks in the stack, and as many others. */
static void begin(void *block[4])
{
    for (int i = 0; i < 4; i++)
        block[i] = hak_malloc(BYTES);
    for (int i = 0; i < 2; i++)
        hak_free(block[i]);
    assert_ptr_equal(thread_cache_of_thread, held_cache);
    assert_true(height() >= 2);
}

static void a_hidden_cache_serves_as_before(void **state)
{
    (void)state;
    void *block[4];
    begin(block);
    struct thread_cache *cache = held_cache;
    size_t before = height();
    held_cache_hide();
    assert_ptr_equal(thread_cache_of_thread, THREAD_CACHE_NONE);
    assert_ptr_equal(hak_malloc(BYTES), block[1]);
    assert_int_equal(height(), before - 1);
    hak_free(block[2]);
    assert_int_equal(height(), before);
    assert_ptr_equal(hak_malloc(BYTES), block[2]);
    assert_ptr_equal(thread_cache_of_thread, THREAD_CACHE_NONE);
    assert_ptr_equal(held_cache, cache);
    held_cache_show();
    assert_ptr_equal(thread_cache_of_thread, cache);
    hak_free(block[1]);
    assert_int_equal(height(), before);
    hak_free(block[2]);
    hak_free(block[3]);
}

static void free_twice(void)
{
    void *block[4];
    begin(block);
    held_cache_hide();
    hak_free(block[2]);
    hak_free(block[1]); /* the newest but one */
}

static void what_is_freed_twice_is_seen(void **state)
{
    (void)state;
    struct child_end end = child_run(free_twice);
    assert_true(WIFSIGNALED(end.status) && WTERMSIG(end.status) == SIGABRT);
    assert_non_null(strstr(end.output, "free: double free of"));
}

/* Its blocks are there for the next thread. */
static void *end_hidden(void *cache)
{
    void *block = hak_malloc(BYTES);
    *(struct thread_cache **)cache = held_cache;
    held_cache_hide();
    hak_free(block);
    return NULL;
}

static void *begin_after(void *cache)
{
    hak_free(hak_malloc(BYTES));
    *(bool *)cache = thread_cache_of_thread == held_cache && held_cache != THREAD_CACHE_NONE;
    return NULL;
}

static void a_thread_may_end_with_it(void **state)
{
    (void)state;
    struct thread_cache *cache = NULL;
    bool shown = false;
    in_a_thread(end_hidden, &cache);
    assert_ptr_not_equal(cache, THREAD_CACHE_NONE);
    assert_true(atomic_load(&cache->heap.idle));
    in_a_thread(begin_after, &shown);
    assert_true(shown);
}

static void *show_nothing(void *unused)
{
    held_cache_hide();
    held_cache_show();
    return thread_cache_of_thread == THREAD_CACHE_NONE && held_cache == THREAD_CACHE_NONE ? unused : NULL;
}

static void a_thread_without_a_cache_has_none_to_show(void **state)
{
    (void)state;
    pthread_t thread;
    void *end;
    assert_int_equal(pthread_create(&thread, NULL, show_nothing, state), 0);
    assert_int_equal(pthread_join(thread, &end), 0);
    assert_ptr_equal(end, state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hidden_cache_serves_as_before),
        cmocka_unit_test(what_is_freed_twice_is_seen),
        cmocka_unit_test(a_thread_may_end_with_it),
        cmocka_unit_test(a_thread_without_a_cache_has_none_to_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
