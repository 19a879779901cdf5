/* SPDX-License-Identifier: MIT */
/* Stacks that were taken before: they are known again, and no word behind the end of a shorter one is read. */
#include "lib/sample/stack_memo.h"

#include "lib/base/os.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#include <pthread.h>

#define BYTES 48

static const int caller;
static struct stack_memo *memo;
static uintptr_t *words; /* a stack of two pages, from whose first word on it was walked */
static size_t page_words;

static struct sample_record *look(void)
{
    return stack_memo_find(memo, (uintptr_t)words, &caller, BYTES);
}

/* Keeps a stack of two frames, whose return addresses stand at the places FIRST and SECOND. */
static struct sample_record *keep(size_t first, size_t second, bool varies)
{
    struct stack stack = {.depth = 2,
                          .has_places = true,
                          .varies = varies,
                          .places = {(uint16_t)first, (uint16_t)second},
                          .frames = {1001, 1002}};
    struct sample_record *record = records_find(&stack, BYTES);
    CHILD_CHECK(record != NULL);
    words[first] = 1001;
    words[second] = 1002;
    stack_memo_keep(memo, (uintptr_t)words, &caller, &stack, record);
    return record;
}

static void begin(void)
{
    hak_free(hak_malloc(1));
    page_words = os_page_bytes / sizeof *words;
    words = mmap(NULL, 2 * os_page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memo = stack_memo_new();
    CHILD_CHECK(words != MAP_FAILED && memo != NULL && stack_memo_bytes() > 0);
}

static void known_again(void)
{
    begin();
    CHILD_CHECK(look() == NULL);
    for (int varies = 0; varies < 2; varies++) {
        struct sample_record *record = keep(3, page_words + 5, varies != 0);
        CHILD_CHECK(look() == record);
        words[page_words + 5] = 1003;
        CHILD_CHECK(look() == NULL);
        words[page_words + 5] = 1002;
        CHILD_CHECK(look() == record);
        CHILD_CHECK(stack_memo_find(memo, (uintptr_t)words + 16, &caller, BYTES) == NULL);
        CHILD_CHECK(stack_memo_find(memo, (uintptr_t)words, &memo, BYTES) == NULL);
        CHILD_CHECK(stack_memo_find(memo, (uintptr_t)words, &caller, BYTES + 16) == NULL);
    }
}

/* Another coroutine has a stack of one page where this one had two. */
static void shorter_stacks(void)
{
    begin();
    keep(3, page_words + 5, true);
    CHILD_CHECK(munmap(words + page_words, os_page_bytes) == 0);
    CHILD_CHECK(look() == NULL);
}

static void shorter_than_the_first_frame(void)
{
    begin();
    keep(page_words + 4, page_words + 5, false);
    CHILD_CHECK(munmap(words + page_words, os_page_bytes) == 0);
    CHILD_CHECK(look() == NULL);
}

static void *look_elsewhere(void *argument)
{
    (void)argument;
    CHILD_CHECK(look() == NULL);
    CHILD_CHECK(keep(3, 7, false) == look());
    return NULL;
}

/* A thread cache passes to another thread. */
static void other_threads(void)
{
    begin();
    pthread_t thread;
    struct sample_record *record = keep(3, 6, false);
    CHILD_CHECK(look() == record && pthread_create(&thread, NULL, look_elsewhere, NULL) == 0);
    pthread_join(thread, NULL);
    CHILD_CHECK(look() == NULL);
}

#define IN_CHILD(name)                    \
    static void test_##name(void **state) \
    {                                     \
        (void)state;                      \
        assert_child_passes(name);        \
    }
IN_CHILD(known_again)
IN_CHILD(shorter_stacks)
IN_CHILD(shorter_than_the_first_frame)
IN_CHILD(other_threads)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_known_again), cmocka_unit_test(test_shorter_stacks),
                                       cmocka_unit_test(test_shorter_than_the_first_frame),
                                       cmocka_unit_test(test_other_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
