/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel has behind all of a process's addresses, the heap's and all others. Below: nothing. */
#ifndef HAK_INSPECT_RESIDENT_H
#define HAK_INSPECT_RESIDENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct resident {
    bool known;
    uint64_t resident_bytes;
    uint64_t huge_page_bytes;    /* of these in huge pages, the heap's and others */
    uint64_t lazily_freed_bytes; /* of these freed by MADV_FREE: the kernel takes them when it needs any */
    uint64_t swapped_bytes;
};

/* Asks the kernel, which walks all of the process's page tables for it and lets the process map nothing meanwhile: some
 * milliseconds for each GiB. */
struct resident resident_read(pid_t pid);

#endif
