/* SPDX-License-Identifier: MIT */
/* Misuse that is noticed at the call: by default, or with a measure of security. */
#include "tests/harden/cases.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static void double_last_of(size_t size)
{
    use_heap(size);
    void *block = allocate(size);
    release(block);
    release(block);
}

static void double_last(void)
{
    double_last_of(SHORT);
}

static void double_last_shared(void)
{
    double_last_of(LONG);
}

static void *free_twice(void *block)
{
    void *own[40]; /* with which the thread gets a cache */
    for (size_t i = 0; i < 40; i++)
        own[i] = allocate(SHORT);
    for (size_t i = 0; i < 40; i++)
        release(own[i]);
    release(block);
    release(block);
    return NULL;
}

static void double_last_remote(void)
{
    use_heap(SHORT);
    in_thread(free_twice, allocate(SHORT));
}

/* By a thread that has no cache: the slab knows at once. */
static void double_uncached(void)
{
    use_heap(LONG);
    void *block = allocate(LONG);
    in_thread(free_once, block);
    in_thread(free_once, block);
}

#define RACES 50

static void *race_block;
static pthread_barrier_t race_start, race_end;

static void *free_in_race(void *unused)
{
    for (int i = 0; i < RACES; i++) {
        pthread_barrier_wait(&race_start);
        release(race_block);
        pthread_barrier_wait(&race_end);
    }
    return unused;
}

/* Two threads free each block at the same time: one of them is told. */
static void double_in_race(void)
{
    pthread_t thread[2];
    use_heap(SHORT);
    pthread_barrier_init(&race_start, NULL, 3);
    pthread_barrier_init(&race_end, NULL, 3);
    for (int i = 0; i < 2; i++)
        if (pthread_create(&thread[i], NULL, free_in_race, NULL) != 0)
            _exit(4);
    for (int i = 0; i < RACES; i++) {
        race_block = allocate(i % 2 == 0 ? SHORT : LONG);
        pthread_barrier_wait(&race_start);
        pthread_barrier_wait(&race_end);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
}

static void double_large(void)
{
    void *block = allocate(3 << 20);
    release(block);
    release(block);
}

static void unaligned_own(void)
{
    char *block = allocate(SHORT);
    release(block + 8);
    release(block);
}

static void unaligned_shared(void)
{
    char *block = allocate(LONG);
    release(block + 1);
    release(block);
}

static void unaligned_large(void)
{
    char *block = allocate(200000);
    release(block + 8);
    release(block);
}

static void unaligned_foreign(void)
{
    static char own[64];
    release(own + 1);
}

static void resize_freed(void)
{
    use_heap(LONG);
    void *block = allocate(LONG);
    release(block);
    if (resize(block, 1000) != NULL)
        _exit(5);
}

/* What the slab has got back, and not only the stack. Returns what it is after it was resized to SIZE. */
static void *resize_drained_to(size_t size)
{
    static void *block[MANY];
    for (size_t i = 0; i < MANY; i++)
        block[i] = allocate(LONG);
    for (size_t i = 0; i < MANY; i++)
        if (i % 50 != 0)
            release(block[i]);
    void *resized = resize(block[MANY / 2 + 1], size);
    for (size_t i = 0; i < MANY; i += 50)
        release(block[i]);
    return resized;
}

static void resize_drained(void)
{
    if (resize_drained_to(LONG - 10) != NULL)
        _exit(5);
}

/* Where it moves, that frees the block once more. */
static void move_drained(void)
{
    release(resize_drained_to(1000));
}

static void resize_inside(void)
{
    char *block = allocate(LONG);
    if (resize(block + 16, 1000) != NULL)
        _exit(5);
    release(block);
}

static void resize_unaligned(void)
{
    char *block = allocate(LONG);
    if (resize(block + 4, 10) != NULL)
        _exit(5);
    release(block);
}

static void usable_of_freed(void)
{
    use_heap(SHORT);
    void *block = allocate(SHORT);
    release(block);
    if (usable(block) != 0)
        _exit(5);
}

static void usable_inside(void)
{
    char *block = allocate(LONG);
    if (usable(block + 80) != 0)
        _exit(5);
    release(block);
}

static void usable_unaligned(void)
{
    char *block = allocate(SHORT);
    if (usable(block + 1) != 0)
        _exit(5);
    release(block);
}

static void usable_of_large_inside(void)
{
    char *block = allocate(200000);
    if (usable(block + 16) != 0)
        _exit(5);
    release(block);
}

static void sized_too_long(void)
{
    void *block = allocate_aligned(64, 64);
    void (*volatile release_sized)(void *, size_t, size_t) =
        (void (*)(void *, size_t, size_t))dlsym(RTLD_DEFAULT, "free_aligned_sized");
    if (release_sized == NULL)
        _exit(6);
    release_sized(block, 64, 128);
    release(block);
}

static void delete_other(void)
{
    void *(*volatile make)(size_t) = (void *(*)(size_t))dlsym(RTLD_DEFAULT, "_Znwm");
    void (*volatile take)(void *, size_t) = (void (*)(void *, size_t))dlsym(RTLD_DEFAULT, "_ZdlPvm");
    if (make == NULL || take == NULL)
        _exit(6);
    take(make(40), 40);
    take(make(0), 0);
    take(make(70000), 70000);
    take(make(100), 20);
}

const struct misuse_case at_call[] = {
    {"double_last", double_last, SHORT},
    {"double_last_shared", double_last_shared, LONG},
    {"double_last_remote", double_last_remote, SHORT},
    {"double_uncached", double_uncached, LONG},
    {"double_in_race", double_in_race, SHORT},
    {"double_large", double_large, LONG},
    {"unaligned_own", unaligned_own, SHORT},
    {"unaligned_shared", unaligned_shared, LONG},
    {"unaligned_large", unaligned_large, LONG},
    {"unaligned_foreign", unaligned_foreign, LONG},
    {"resize_freed", resize_freed, LONG},
    {"resize_drained", resize_drained, LONG},
    {"move_drained", move_drained, 0},
    {"resize_inside", resize_inside, LONG},
    {"resize_unaligned", resize_unaligned, LONG},
    {"usable_of_freed", usable_of_freed, SHORT},
    {"usable_inside", usable_inside, LONG},
    {"usable_unaligned", usable_unaligned, SHORT},
    {"usable_of_large_inside", usable_of_large_inside, LONG},
    {"sized_too_long", sized_too_long, LONG},
    {"delete_other", delete_other, LONG},
    {NULL, NULL, 0},
};
