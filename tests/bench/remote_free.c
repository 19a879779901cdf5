/* SPDX-License-Identifier: MIT */
/* remote_free COUNT SIZE: one thread allocates COUNT blocks of SIZE bytes, another one frees them. For the simulated
 * cost of a remote free: see instructions.tap. */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static void **block;
static size_t count;

static void *free_all(void *argument)
{
    (void)argument;
    for (size_t index = 0; index < count; index++)
        free(block[index]);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    count = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    size_t size = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (count == 0 || size == 0) {
        fputs("Usage: remote_free COUNT SIZE\n", stderr);
        return 2;
    }
    block = mmap(NULL, count * sizeof *block, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
        return 1;
    for (size_t index = 0; index < count; index++)
        block[index] = malloc(size);
    return pthread_create(&thread, NULL, free_all, NULL) != 0 || pthread_join(thread, NULL) != 0;
}
