/* SPDX-License-Identifier: MIT */
/* Misuse that is noticed by a drain, or at the end of the thread or of the program. */
#include "tests/harden/cases.h"

#include <unistd.h>

static void delayed(size_t size)
{
    use_heap(size);
    void *first = allocate(size), *second = allocate(size);
    release(first);
    release(second);
    release(first);
}

static void delayed_own(void)
{
    delayed(SHORT);
}

static void delayed_shared(void)
{
    delayed(LONG);
}

static void inside(void)
{
    char *block = allocate(LONG);
    release(block + 16);
}

static void second_half(void)
{
    char *block = allocate(64);
    release(block + 32);
}

/* The start of a block, but of one that nobody has. */
static void never_allocated(void)
{
    char *block = allocate(LONG);
    release(block + 300 * LONG);
}

static void *delayed_in_thread(void *unused)
{
    delayed(LONG);
    return unused;
}

static void thread_end(void)
{
    in_thread(delayed_in_thread, NULL);
    _exit(0); /* nothing comes after the thread's end */
}

static void *free_between(void *two)
{
    void **block = two, *own[40];
    for (size_t i = 0; i < 40; i++)
        own[i] = allocate(SHORT);
    for (size_t i = 0; i < 40; i++)
        release(own[i]);
    release(block[0]);
    release(block[1]);
    release(block[0]);
    return NULL;
}

static void remote_at_end(void)
{
    void *block[2] = {allocate(SHORT), allocate(SHORT)};
    in_thread(free_between, block);
    _exit(0);
}

#define MISUSES 150

static void flood(void)
{
    void *block = allocate(SHORT);
    release(block);
    for (int i = 0; i < MISUSES; i++)
        release(block);
}

const struct misuse_case at_end[] = {
    {"delayed_own", delayed_own, 0},
    {"delayed_shared", delayed_shared, 0},
    {"inside", inside, 0},
    {"second_half", second_half, 0},
    {"never_allocated", never_allocated, 0},
    {"thread_end", thread_end, 0},
    {"remote_at_end", remote_at_end, 0},
    {"flood", flood, SHORT},
    {NULL, NULL, 0},
};
