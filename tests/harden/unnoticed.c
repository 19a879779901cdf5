/* SPDX-License-Identifier: MIT */
/* What the library does not report: use that is right; which addresses come again, and when; and reads and writes of
 * blocks after their free, of which large ones are a fault. */
#include "tests/harden/cases.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Freed while there are many others, of which some have to come first. */
#define BETWEEN 100

static void late_of(size_t size, size_t between)
{
    char *block = allocate(size);
    release(block);
    for (size_t i = 0; i < between; i++)
        if (allocate(size) == (void *)block)
            _exit(7);
}

static void late(void)
{
    late_of(SHORT, BETWEEN);
    late_of(LONG, BETWEEN);
    late_of(20000, 2);
}

static void late_large(void)
{
    volatile char *block = allocate(300000);
    release((void *)block);
    for (size_t i = 0; i < BETWEEN; i++)
        if (allocate(300000) == (void *)block)
            _exit(7);
    block[1000] = 'x';
}

/* Blocks that are freed one behind the other do not come back so, nor the other way round. */
static void no_order(void)
{
    static char *block[MANY];
    size_t neighbours = 0;
    for (size_t i = 0; i < MANY; i++)
        block[i] = allocate(LONG);
    for (size_t i = 0; i < MANY; i++)
        release(block[i]);
    char *last = allocate(LONG);
    for (size_t i = 0; i < 30; i++) {
        char *next = allocate(LONG);
        ptrdiff_t distance = next > last ? next - last : last - next;
        neighbours += distance < 2 * LONG;
        last = next;
    }
    if (neighbours > 10)
        _exit(7);
}

static size_t mappings(void)
{
    char text[4096];
    size_t lines = 0, length;
    FILE *maps = fopen("/proc/self/maps", "r");
    if (maps == NULL)
        _exit(6);
    while ((length = fread(text, 1, sizeof text, maps)) > 0)
        for (size_t i = 0; i < length; i++)
            lines += text[i] == '\n';
    fclose(maps);
    return lines;
}

/* What waits has a bound: in mappings, in memory. */
static void many_freed(void)
{
    static char *block[MANY];
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < MANY; i++)
            block[i] = allocate(70000 + i * 16);
        for (size_t i = 0; i < MANY; i++)
            release(block[i]);
    }
    for (size_t i = 0; i < 300; i++)
        release(allocate((size_t)100 << 20));
    if (mappings() > 1500)
        _exit(9);
    for (size_t i = 0; i < 3000000; i++)
        release(allocate(16 + i % 5000));
}

/* Addresses that wait are there for who needs them. */
static void few_addresses(void)
{
    size_t bytes = (size_t)60 << 20;
    struct rlimit limit = {10 * bytes, 10 * bytes};
    release(allocate(bytes));
    if (setrlimit(RLIMIT_AS, &limit) != 0)
        _exit(6);
    for (size_t i = 0; i < 100; i++) {
        char *block = allocate(bytes + (i << 16));
        if (block == NULL)
            _exit(5);
        *block = 'x';
        release(block);
    }
}

/* Not to be noticed, but what was in it cannot be read. */
static void cleared(void)
{
    char *block = allocate(LONG);
    memset(block, 'a', LONG);
    release(block);
    for (size_t i = 0; i < LONG; i++)
        if (((volatile char *)block)[i] != 0)
            _exit(7);
}

static void read_freed_large(void)
{
    volatile char *block = allocate(300000);
    block[1000] = 'x';
    release((void *)block);
    if (block[1000] == 'x')
        _exit(7);
}

/* Blocks of all sizes and alignments are usable to their last byte, by several calls. */
static void all_sizes(void)
{
    for (size_t size = 0; size < 140000; size += size < 2000 ? 1 : 997) {
        char *block = allocate(size), *zeros = calloc(1, size), *aligned = NULL;
        size_t alignment = (size_t)16 << size % 9;
        if (posix_memalign((void **)&aligned, alignment, size) != 0 || (uintptr_t)aligned % alignment != 0)
            _exit(5);
        for (size_t i = 0; i < size; i++)
            if (zeros[i] != 0)
                _exit(7);
        memset(block, 1, usable(block));
        memset(zeros, 2, usable(zeros));
        memset(aligned, 3, usable(aligned));
        if (usable(block) < size || usable(zeros) < size || usable(aligned) < size)
            _exit(5);
        char *longer = resize(block, size + size / 8 + 1);
        for (size_t i = 0; i < size; i++)
            if (longer[i] != 1)
                _exit(7);
        memset(longer, 4, usable(longer));
        char *shorter = resize(longer, size / 3 + 1);
        memset(shorter, 5, usable(shorter));
        release(shorter);
        release(zeros);
        release(aligned);
    }
}

static void *all_sizes_in_thread(void *unused)
{
    all_sizes();
    use_heap(SHORT);
    return unused;
}

/* With threads, and in a child. */
static void many_threads(void)
{
    pthread_t thread[4];
    for (size_t i = 0; i < 4; i++)
        if (pthread_create(&thread[i], NULL, all_sizes_in_thread, NULL) != 0)
            _exit(4);
    for (size_t i = 0; i < 5; i++) {
        pid_t child = fork();
        if (child == 0) {
            all_sizes();
            exit(0);
        }
        int end;
        if (child < 0 || waitpid(child, &end, 0) != child || end != 0)
            _exit(8);
    }
    for (size_t i = 0; i < 4; i++)
        if (pthread_join(thread[i], NULL) != 0)
            _exit(4);
}

/* What looks like misuse, and is none. */
static void fine(void)
{
    use_heap(SHORT);
    use_heap(LONG);
    void *block = allocate(LONG);
    for (int i = 0; i < 100; i++) {
        release(block);
        block = allocate(LONG); /* the same one, as a rule */
    }
    if (usable(block) < LONG || usable(NULL) != 0)
        _exit(5);
    block = resize(block, 1000);
    block = resize(block, 100000);
    block = resize(block, 20);
    release(block);
    release(NULL);
    in_thread(free_once, allocate(SHORT));
    in_thread(free_once, allocate(LONG));
}

const struct misuse_case unnoticed[] = {
    {"late", late, LONG},
    {"late_large", late_large, LONG},
    {"no_order", no_order, LONG},
    {"many_freed", many_freed, 0},
    {"few_addresses", few_addresses, 0},
    {"cleared", cleared, LONG},
    {"read_freed_large", read_freed_large, LONG},
    {"all_sizes", all_sizes, 0},
    {"many_threads", many_threads, 0},
    {"fine", fine, 0},
    {NULL, NULL, 0},
};
