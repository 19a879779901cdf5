/* SPDX-License-Identifier: MIT */
/* Statistics: adds up what the structures count. Nothing is counted on the fast paths.
 *
 * Any thread may call anything, in a signal handler as well: nothing here locks, allocates or attaches the thread, and
 * running threads are not stopped. Below: thread, heap, space. */
#ifndef HAK_OBSERVE_STATS_H
#define HAK_OBSERVE_STATS_H

#include "lib/base/compiler.h"
#include "lib/heap/size_class.h"

#include <hakmem/figures.h>
#include <hakmem/hakmem.h>

/* Of one size class what hak_class_counts says, but for what size_classes says. */
struct stats_class {
    int64_t taken;
    uint64_t cached, returned, slabs;
};

/* Large blocks by size: number K has those of more than 64 KiB << K and up to twice that; the first those of 64 KiB as
 * well. */
#define STATS_LARGE_CLASSES 32
struct stats_large {
    uint64_t blocks, bytes, mappings; /* of the blocks those that are mappings of their own */
};

struct stats_all {
    struct hak_stats total;
    struct stats_class class[SIZE_CLASSES_MAX];
    struct stats_large large[STATS_LARGE_CLASSES];
    uint64_t superslab_bytes;         /* mapped for SuperSlabs */
    uint64_t slab_bytes;              /* of them in slabs */
    uint64_t mappings, mapping_bytes; /* large blocks that are mappings of their own */
};

/* RESIDENT: also ask the kernel what is resident, which takes a system call for each SuperSlab. */
COLD void stats_collect(struct stats_all *all, bool resident);

/* What CLASS of ALL amounts to. */
COLD struct hak_class_figures stats_class_figures(const struct stats_all *all, unsigned class);

/* The smallest and the largest size of number K. */
static inline uint64_t stats_large_least(unsigned k)
{
    return k == 0 ? SMALL_MAX_BYTES : ((uint64_t)SMALL_MAX_BYTES << k) + 1;
}

static inline uint64_t stats_large_most(unsigned k)
{
    return (uint64_t)SMALL_MAX_BYTES << (k + 1);
}

#endif
