/* SPDX-License-Identifier: MIT */
/* A library for tests/sample/crossed.c: when it is loaded and when it goes, it waits for a thread that allocates, as
 * plug-ins do that start their workers themselves. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

int loaded_threads(void);
size_t loaded_touch(void);

static int threads;

static void *allocate(void *argument)
{
    free(malloc((size_t)(threads + 1) * 100));
    threads++;
    return argument;
}

static void wait_for_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, allocate, NULL) == 0)
        pthread_join(thread, NULL);
}

__attribute__((constructor)) static void load(void)
{
    wait_for_thread();
}

__attribute__((destructor)) static void unload(void)
{
    wait_for_thread();
}

int loaded_threads(void)
{
    return threads;
}

/* The loader allocates it for each thread that first uses it. */
static _Thread_local char of_thread[20000];

size_t loaded_touch(void)
{
    memset(of_thread, 1, sizeof of_thread);
    return sizeof of_thread;
}
