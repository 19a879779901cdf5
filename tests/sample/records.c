/* SPDX-License-Identifier: MIT */
/* What is known of each stack. */
#include "lib/sample/records.h"

#include "lib/space/metadata.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#include <pthread.h>

static struct stack stack_of(uintptr_t first, uint32_t depth)
{
    struct stack stack = {.depth = depth};
    for (uint32_t i = 0; i < depth; i++)
        stack.frames[i] = first + i;
    return stack;
}

static void a_stack_and_a_size_have_one_record(void)
{
    struct stack stack = stack_of(100, 5), shorter = stack_of(100, 4), other = stack_of(101, 5), none = stack_of(0, 0);
    struct sample_record *record = records_find(&stack, 48);
    CHILD_CHECK(record != NULL && records_find(&stack, 48) == record);
    CHILD_CHECK(record->bytes == 48 && record->depth == 5 && record->frames[4] == 104);
    CHILD_CHECK(records_find(&stack, 64) != record && records_find(&shorter, 48) != record &&
                records_find(&other, 48) != record && records_find(&none, 48)->depth == 0);
    CHILD_CHECK(records_size().records == 5 && records_size().bytes == 9 * CACHE_LINE);
    record_count_taken(record);
    record_count_taken(record);
    record_count_freed(record);
    CHILD_CHECK(record_count(record).taken == 2 && record_count(record).live == 1);
}

static void add_up(const struct sample_record *record, void *context)
{
    *(uint64_t *)context += record_count(record).taken * record->bytes;
}

static void there_is_a_most(void)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < RECORDS_MOST + 1000; i++) {
        struct stack stack = stack_of(1 + i, 3);
        struct sample_record *record = records_find(&stack, 16 + i % 3);
        CHILD_CHECK(record != NULL);
        record_count_taken(record);
        sum += 16 + i % 3;
    }
    uint64_t found = 0;
    records_each(add_up, &found);
    CHILD_CHECK(found == sum && records_size().records <= RECORDS_MOST);
    struct stack last = stack_of(RECORDS_MOST + 1000, 3), another = stack_of(5 * RECORDS_MOST, 2);
    CHILD_CHECK(records_find(&last, 16) == records_find(&another, 16) && records_find(&last, 16)->depth == 1);
    CHILD_CHECK(records_find(&last, 17) != records_find(&last, 16));
}

#define THREADS 4
#define STACKS 2000

static struct sample_record *of_thread[THREADS][STACKS];

static void *find_all(void *number)
{
    for (uint32_t i = 0; i < STACKS; i++) {
        struct stack stack = stack_of(1 + i, 2);
        struct sample_record *record = records_find(&stack, 16);
        record_count_taken(record);
        of_thread[(intptr_t)number][i] = record;
    }
    return NULL;
}

static void threads_find_the_same(void)
{
    pthread_t thread[THREADS];
    for (intptr_t i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, find_all, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    for (int i = 0; i < STACKS; i++)
        for (int n = 0; n < THREADS; n++)
            CHILD_CHECK(of_thread[n][i] == of_thread[0][i] && record_count(of_thread[0][i]).taken == THREADS);
}

static void records(void **state)
{
    (void)state;
    assert_child_passes(a_stack_and_a_size_have_one_record);
    assert_child_passes(there_is_a_most);
    assert_child_passes(threads_find_the_same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(records)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
