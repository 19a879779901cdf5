/* SPDX-License-Identifier: MIT */
/* class_floor [at-once]: allocates 100 blocks of 16 bytes and 100 of 25, and prints by how many bytes that raises what
 * a heap of size classes needs at least, and any heap. The first are freed before the others come, or not. For the
 * yardstick that is preloaded: see fragmentation.tap. */
#include "config.h"

#include <hakmem/hakmem.h>

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 100

static void allocate(void **blocks, size_t size)
{
    for (int i = 0; i < BLOCKS; i++)
        if (!(blocks[i] = malloc(size)))
            exit(1);
}

static void release(void **blocks)
{
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
}

static struct hak_stats floor_stats(void)
{
    struct hak_stats stats;
    bool (*get)(struct hak_stats *, size_t);
    void *address = dlsym(RTLD_DEFAULT, "hak_stats_get");
    memcpy(&get, &address, sizeof get);
    if (!address || !get(&stats, sizeof stats))
        exit(1);
    return stats;
}

int main(int argc, char **argv)
{
    void *shorter[BLOCKS], *longer[BLOCKS];
    bool at_once = argc == 2 && strcmp(argv[1], "at-once") == 0;
    struct hak_stats before = floor_stats();
    allocate(shorter, 16);
    if (!at_once)
        release(shorter);
    allocate(longer, 25);
    struct hak_stats after = floor_stats();
    printf("%ju %ju\n", (uintmax_t)(after.resident_bytes - before.resident_bytes),
           (uintmax_t)(after.peak_mapped_bytes - before.live_bytes));
    release(longer);
    if (at_once)
        release(shorter);
    return 0;
}
