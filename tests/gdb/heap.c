/* SPDX-License-Identifier: MIT */
/* A heap with a block in each state, for gdb.tap: two threads hold blocks of all kinds when `stop` is called. With an
 * argument the program then frees a block twice, and is ended for it. */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* FREED blocks more than fill a thread's buffer of blocks of other heaps, and do not fill the last one. */
enum { SIZE = 100, SHORT = 40, RUN = 1000000, MAPPING = 100 << 20, BLOCKS = 3000, FREED = 1025 };

char *in_use, *cached, *handed_back, *buffered, *large, *mapping, *unused, *others;
static char *blocks[BLOCKS], *own[BLOCKS];
static pthread_barrier_t barrier;

void stop(void);
__attribute__((noinline)) void stop(void)
{
    __asm__ volatile("" : : : "memory");
}

/* The other thread has blocks, frees some of the first's, and waits. */
static void *hold(void *nothing)
{
    for (int i = 0; i < BLOCKS; i++)
        own[i] = malloc(SHORT);
    others = own[BLOCKS / 2];
    for (int i = 0; i < FREED; i++)
        free(blocks[i]);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return nothing;
}

static void make_blocks(void)
{
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = malloc(SHORT);
    handed_back = blocks[0];
    buffered = blocks[FREED - 1];
    in_use = malloc(SIZE);
    cached = malloc(SIZE);
    large = malloc(RUN);
    mapping = malloc(MAPPING);
    unused = malloc(3 * (size_t)RUN);
    memset(large, 1, RUN);
    free(unused);
    free(cached);
}

int main(int argc, char **argv)
{
    pthread_t thread;
    (void)argv;
    make_blocks();
    if (pthread_barrier_init(&barrier, NULL, 2) != 0 || pthread_create(&thread, NULL, hold, NULL) != 0)
        return 1;
    pthread_barrier_wait(&barrier);
    stop();
    if (argc > 1) {
        free(large);
        free(large);
    }
    pthread_barrier_wait(&barrier);
    return pthread_join(thread, NULL);
}
