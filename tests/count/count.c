/* SPDX-License-Identifier: MIT */
/* libhakmem-count.so in this program itself, which does a known number of calls when it has an argument. */
#include "config.h"

#include "cli/count/count.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define BLOCKS 1000
#define BLOCK_BYTES 1000
#define THREADS 4

/* What the start of a program and its threads may call beside. */
#define FEW 100
#define FEW_BYTES 200000

static const char *self;

/* --- in the child ------------------------------------------------------------------------------------------------- */

static void *blocks[BLOCKS];

static void do_pairs(void)
{
    for (size_t i = 0; i < BLOCKS; i++)
        blocks[i] = malloc(BLOCK_BYTES);
    for (size_t i = 0; i < BLOCKS; i++)
        free(blocks[i]);
}

static void *do_small_pairs(void *unused)
{
    for (size_t i = 0; i < BLOCKS; i++)
        free(malloc(10));
    return unused;
}

static void do_threads(void)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, do_small_pairs, NULL);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

/* One block that grows to BLOCKS times its size, and each other way to get one. */
static void do_others(void)
{
    volatile size_t too_many = SIZE_MAX;
    void *aligned = NULL, *block = calloc(1, BLOCK_BYTES);
    for (size_t i = 2; i <= BLOCKS; i++)
        block = realloc(block, i * BLOCK_BYTES);
    free(block);
    if (posix_memalign(&aligned, 4096, BLOCK_BYTES) != 0 || (uintptr_t)aligned % 4096 != 0)
        _exit(1);
    free(aligned);
    free(aligned_alloc(64, 640));
    free(reallocarray(NULL, BLOCKS, 10));
    if (reallocarray(NULL, too_many, 2))
        _exit(1);
}

static int act(const char *what)
{
    if (strcmp(what, "pairs") == 0)
        do_pairs();
    else if (strcmp(what, "threads") == 0)
        do_threads();
    else if (strcmp(what, "others") == 0)
        do_others();
    else if (strcmp(what, "fork") == 0 && fork() == 0)
        do_pairs();
    while (wait(NULL) > 0)
        continue;
    _exit(0); /* nothing is lost by that */
}

/* --- the units ---------------------------------------------------------------------------------------------------- */

static const struct count_page *count_of(const char *what)
{
    char path[] = "/tmp/hakmem-test.XXXXXX";
    int status, fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, sizeof(struct count_page)), 0);
    pid_t child = fork();
    if (child == 0) {
        setenv("LD_PRELOAD", COUNT_FILE, 1);
        setenv(COUNT_ENV, path, 1);
        execl(self, self, what, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    const struct count_page *page = mmap(NULL, sizeof *page, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(page != MAP_FAILED);
    close(fd);
    unlink(path);
    return page;
}

static uint64_t calls(const struct count_page *page)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < COUNT_SHARDS; i++)
        sum += atomic_load(&page->shard[i].calls);
    return sum;
}

static uint64_t bytes(const struct count_page *page)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < COUNT_SHARDS; i++)
        sum += atomic_load(&page->shard[i].bytes);
    return sum;
}

static void calls_and_bytes_are_counted(void **state)
{
    (void)state;
    const struct count_page *page = count_of("pairs");
    assert_int_equal(atomic_load(&page->processes), 1);
    assert_in_range(calls(page), 2 * BLOCKS, 2 * BLOCKS + FEW);
    assert_in_range(bytes(page), BLOCKS * BLOCK_BYTES, BLOCKS * (BLOCK_BYTES + 32) + FEW_BYTES);
    assert_in_range(atomic_load(&page->heap), BLOCKS * BLOCK_BYTES, BLOCKS * (BLOCK_BYTES + 32) + FEW_BYTES);
}

static void threads_are_counted_and_what_is_freed_is_not_held(void **state)
{
    (void)state;
    const struct count_page *page = count_of("threads");
    assert_in_range(calls(page), THREADS * 2 * BLOCKS, THREADS * 2 * BLOCKS + FEW);
    assert_in_range(atomic_load(&page->heap), 0, FEW_BYTES);
}

static void growth_counts_once(void **state)
{
    (void)state;
    const struct count_page *page = count_of("others");
    assert_in_range(calls(page), BLOCKS, BLOCKS + FEW);
    assert_in_range(atomic_load(&page->heap), BLOCKS * BLOCK_BYTES, BLOCKS * BLOCK_BYTES + FEW_BYTES);
    assert_in_range(bytes(page), BLOCKS * BLOCK_BYTES, BLOCKS * BLOCK_BYTES + FEW_BYTES);
}

static void children_add_to_it(void **state)
{
    (void)state;
    assert_in_range(calls(count_of("fork")), 2 * BLOCKS, 2 * BLOCKS + FEW);
}

static void nobody_counts_without_a_file(void **state)
{
    (void)state;
    setenv("LD_PRELOAD", COUNT_FILE, 1);
    char *line = NULL;
    assert_true(asprintf(&line, "'%s' pairs", self) > 0);
    assert_int_equal(system(line), 0);
    unsetenv("LD_PRELOAD");
    free(line);
}

int main(int argc, char **argv)
{
    static char path[4096];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_and_bytes_are_counted),
        cmocka_unit_test(threads_are_counted_and_what_is_freed_is_not_held),
        cmocka_unit_test(growth_counts_once),
        cmocka_unit_test(children_add_to_it),
        cmocka_unit_test(nobody_counts_without_a_file),
    };
    if (argc > 1)
        return act(argv[1]);
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return 99;
    self = path;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
