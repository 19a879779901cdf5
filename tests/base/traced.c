/* SPDX-License-Identifier: MIT */
/* A program that comes by every probe, for probes.tap: refills and drains of blocks of 112 bytes, a remote flush, slabs
 * and SuperSlabs that come and go, large blocks, a purge, a thread. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* musl's headers do not have it, the library does. */
extern int malloc_trim(size_t pad) __attribute__((weak));

enum { BLOCKS = 100000, SIZE = 100, SHORT = 40 };

static void *blocks[BLOCKS];

static void fill(size_t size)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(size);
        memset(blocks[i], 1, size);
    }
}

static void *empty(void *nothing)
{
    for (size_t i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    return nothing;
}

int main(void)
{
    pthread_t thread;
    fill(SIZE);
    empty(NULL);
    fill(SHORT);
    if (pthread_create(&thread, NULL, empty, NULL) != 0 || pthread_join(thread, NULL) != 0)
        return 1;
    char *volatile large = malloc(2000000);
    memset(large, 1, 2000000);
    large = realloc(large, 90000000);
    free(large);
    if (malloc_trim)
        malloc_trim(0);
    return 0;
}
