/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How this kernel hands out memory: transparent huge pages, the hugetlb pool, and what a control group allows this
 * process.
 *
 * Read from /sys and /proc; ROOT is put in front of every path ("" for the running system), so that it can be tested.
 * What is not there is 0 or empty, never an error. Any thread may call anything. Below this file: nothing of ours. */
#ifndef HAK_MACHINE_KERNEL_MEMORY_H
#define HAK_MACHINE_KERNEL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KERNEL_MAX_POOLS 4

/* Pages of one size that are set aside. */
struct hugetlb_pool {
    uint64_t page_size;   /* bytes */
    uint64_t total, free; /* pages */
};

struct kernel_memory {
    char transparent[16];        /* "always", "madvise" or "never"; empty: the kernel has no transparent huge pages */
    char transparent_defrag[20]; /* "always", "defer", "defer+madvise", "madvise" or "never" */
    uint64_t transparent_size;   /* bytes of one transparent huge page; 0: none */
    struct hugetlb_pool pools[KERNEL_MAX_POOLS]; /* ascending page sizes */
    size_t pool_count;
    double cpu_quota;      /* processors' worth of time that the control group allows; 0: no limit */
    uint64_t memory_limit; /* bytes that the control group allows; 0: no limit */
    uint64_t memory_total; /* bytes of the machine; 0: not known */
    /* Bytes that this process can still take before something is swapped, or killed by its control group; 0: not known
     */
    uint64_t memory_available;
};

void kernel_memory_read(struct kernel_memory *kernel, const char *root);

/* Bytes that this process and its children may take now and leave some for others; 0: not known. */
uint64_t kernel_memory_for_use(void);

/* madvise(MADV_HUGEPAGE) has an effect. */
bool kernel_memory_transparent_usable(const struct kernel_memory *kernel);

/* Free pages in a hugetlb pool of PAGE_SIZE bytes (0: of any size). */
uint64_t kernel_memory_hugetlb_free(const struct kernel_memory *kernel, uint64_t page_size);

#endif
