/* SPDX-License-Identifier: MIT */
/* Writes where the program may not write, which are noticed when the block is freed, resized or handed out again. */
#include "tests/harden/cases.h"

#include <string.h>
#include <unistd.h>

/* Behind the end of SIZE bytes, BY bytes further on. */
static void write_behind(size_t size, size_t by)
{
    char *block = allocate(size);
    memset(block, 'a', size);
    block[size + by - 1] = '\0'; /* as a string that is too long by one has it */
    release(block);
}

static void behind_by_1(void)
{
    write_behind(40, 1); /* no multiple of 16 */
}

static void behind_by_1_full(void)
{
    write_behind(48, 1);
}

static void behind_by_8(void)
{
    write_behind(LONG, 8);
}

static void behind_long(void)
{
    write_behind(60001, 1);
}

static void behind_resized(void)
{
    char *block = allocate(LONG);
    block[LONG + 2] = 'x';
    if (resize(block, 3000) != NULL)
        _exit(5);
}

static void behind_aligned(void)
{
    char *block = allocate_aligned(64, 128);
    block[128] = 'x';
    release(block);
}

/* Written to after the free, and handed out again. */
static void write_freed(void)
{
    char *block = allocate(LONG);
    release(block);
    block[50] = 'x';
    for (size_t i = 0; i < MANY; i++)
        allocate(LONG);
}

/* Written to after the free, while it waits; more frees than any wait is long. */
static void write_waiting(void)
{
    static char *block[MANY];
    for (size_t i = 0; i < MANY; i++)
        block[i] = allocate(LONG);
    release(block[0]);
    block[0][50] = 'x';
    for (size_t round = 0; round < 4; round++)
        for (size_t i = 1; i < MANY; i++) {
            release(block[i]);
            block[i] = allocate(LONG);
        }
}

/* Written to after the free, and then its slab gets it back, which never hands it out again. */
static void write_drained(void)
{
    static char *block[MANY];
    for (size_t i = 0; i < MANY; i++)
        block[i] = allocate(LONG);
    release(block[0]);
    block[0][50] = 'x';
    for (size_t i = 1; i < MANY; i++)
        release(block[i]);
}

static void write_waiting_at_end(void)
{
    char *block = allocate(LONG);
    release(block);
    block[50] = 'x';
}

static void *write_waiting_in_thread(void *unused)
{
    write_waiting_at_end();
    return unused;
}

static void write_waiting_thread_end(void)
{
    in_thread(write_waiting_in_thread, NULL);
    _exit(0);
}

const struct misuse_case at_reuse[] = {
    {"behind_by_1", behind_by_1, SHORT},
    {"behind_by_1_full", behind_by_1_full, SHORT},
    {"behind_by_8", behind_by_8, LONG},
    {"behind_long", behind_long, LONG},
    {"behind_resized", behind_resized, LONG},
    {"behind_aligned", behind_aligned, LONG},
    {"write_freed", write_freed, LONG},
    {"write_waiting", write_waiting, LONG},
    {"write_drained", write_drained, LONG},
    {"write_waiting_at_end", write_waiting_at_end, 0},
    {"write_waiting_thread_end", write_waiting_thread_end, 0},
    {NULL, NULL, 0},
};
