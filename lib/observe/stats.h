/* SPDX-License-Identifier: MIT */
/* Statistics: adds up what the structures count. Nothing is counted on the fast paths.
 * Any thread may call anything; running threads are not stopped. Below: thread, heap, space. */
#ifndef HAK_OBSERVE_STATS_H
#define HAK_OBSERVE_STATS_H

#include "lib/base/compiler.h"
#include "lib/heap/size_class.h"

#include <hakmem/hakmem.h>

/* One size class over all heaps. */
struct stats_class {
    int64_t live;    /* blocks with the program (or on their way back to another thread's heap) */
    uint64_t cached; /* blocks in thread caches */
    uint64_t slabs;
};

struct stats_all {
    struct hak_stats total;
    struct stats_class class[SIZE_CLASSES_MAX];
    uint64_t superslab_bytes;         /* mapped for SuperSlabs */
    uint64_t superslab_used_bytes;    /* of them in slabs and large runs */
    uint64_t run_bytes;               /* in large blocks that are page runs */
    uint64_t mappings, mapping_bytes; /* large blocks that are mappings of their own */
    uint64_t purgeable_bytes;         /* that malloc_trim(0) could give back */
};

/* RESIDENT: also ask the kernel what is resident, which takes a system call for each SuperSlab. */
COLD void stats_collect(struct stats_all *all, bool resident);

/* Prints the statistics to standard error if HAKMEM_STATS=1 asks for that. The C library calls it at the program's end,
 * if it is linked. */
COLD void stats_print_at_exit(void);

#endif
