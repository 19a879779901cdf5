/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libhakmem-count.so counts in each process that it is preloaded to, and where: a file that all of them map and
 * add to, so that nothing is lost where a process is killed or becomes another program.
 *
 * Writers add with relaxed order; who reads does so after all of them have ended. Nothing is below. */
#ifndef HAK_COUNT_COUNT_H
#define HAK_COUNT_COUNT_H

#include <stdatomic.h>
#include <stdint.h>

#define COUNT_LIBRARY "libhakmem-count.so"

/* The variable with the file's path. It has to be there, as long as a struct count_page, and all zeros at first. */
#define COUNT_ENV "HAKMEM_COUNT"

/* Threads are spread over so many lines of memory. */
#define COUNT_SHARDS 16

struct count_shard {
    _Alignas(64) _Atomic uint64_t calls; /* of malloc, free and their kin */
    _Atomic uint64_t bytes;              /* that malloc and its kin handed out, as usable size */
};

struct count_page {
    _Alignas(64) _Atomic uint64_t processes; /* programs that were started with the library */
    _Atomic uint64_t heap;                   /* bytes: the most that each of them had at once, added up */
    struct count_shard shard[COUNT_SHARDS];
};

#endif
