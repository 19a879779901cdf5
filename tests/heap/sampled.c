/* SPDX-License-Identifier: MIT */
/* The sampled heap: blocks with a word beside them, which no thread's key matches. */
#include "lib/heap/sampled.h"

#include "lib/sample/records.h"
#include "lib/thread/thread_cache.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#define BLOCKS 5000

static char owners[BLOCKS];
static struct sample_record record; /* what free takes an owner for */

static void taken_and_given(void)
{
    static void *block[BLOCKS];
    hak_free(hak_malloc(1));
    for (int i = 0; i < BLOCKS; i++) {
        block[i] = sampled_take((unsigned)i % size_class_count, &owners[i]);
        CHILD_CHECK(block[i] != NULL && page_map_entry(block[i]) == PAGE_SAMPLED);
        const struct size_class *wanted = &size_classes[(unsigned)i % size_class_count];
        CHILD_CHECK(sampled_usable(block[i], "test") == wanted->size);
        CHILD_CHECK((uintptr_t)block[i] % (wanted->size & -wanted->size) == 0);
        memset(block[i], i, wanted->size);
    }
    for (int i = BLOCKS - 1; i >= 0; i--)
        CHILD_CHECK(*(unsigned char *)block[i] == (unsigned char)i && sampled_give(block[i]) == &owners[i]);
    for (unsigned class = 0; class < size_class_count; class ++)
        CHILD_CHECK(heap_allocated(&sampled_heap, class) == 0 && atomic_load(&sampled_heap.counts.slabs[class]) <= 1);
}

/* The fast path of free leaves them to the slow one, whatever the class in the entry. */
static void no_key_matches(void)
{
    hak_free(hak_malloc(1));
    for (unsigned class = 0; class < SIZE_CLASSES_MAX; class ++)
        CHILD_CHECK(thread_cache_of_thread->hot.key[class] != PAGE_SAMPLED &&
                    thread_cache_none.key[class] != PAGE_SAMPLED);
}

static void *one(void)
{
    hak_free(hak_malloc(1));
    return sampled_take(size_class_of(100), &record);
}

static void freed_twice(void)
{
    void *block = one();
    sampled_give(block);
    sampled_give(block);
}

static void freed_inside(void)
{
    sampled_give((char *)one() + 16);
}

static void used_as_any_block(void)
{
    char *block = one();
    CHILD_CHECK(hak_malloc_usable_size(block) == 112);
    memset(block, 7, 112);
    block = hak_realloc(block, 1000);
    CHILD_CHECK(block != NULL && block[0] == 7 && block[99] == 7 && page_map_entry(block) != PAGE_SAMPLED);
    hak_free(block);
    CHILD_CHECK(atomic_load(&record.freed) == 1);
    CHILD_CHECK(heap_allocated(&sampled_heap, size_class_of(100)) == 0);
}

static void blocks_come_and_go(void **state)
{
    (void)state;
    assert_child_passes(taken_and_given);
    assert_child_passes(no_key_matches);
    assert_child_passes(used_as_any_block);
}

static void misuse_ends_the_program(void **state)
{
    (void)state;
    assert_child_aborts(freed_twice, "free: double free of ");
    assert_child_aborts(freed_inside, "it lies 16 bytes into one of 112");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(blocks_come_and_go), cmocka_unit_test(misuse_ends_the_program)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
