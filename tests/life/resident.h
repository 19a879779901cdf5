/* SPDX-License-Identifier: MIT */
/* What the kernel counts as resident of this process, for programs that print such figures, one "name bytes" a line.
 * Any thread may call anything. */
#ifndef HAK_TESTS_RESIDENT_H
#define HAK_TESTS_RESIDENT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Bytes that are resident now. */
static inline size_t resident_now(void)
{
    unsigned long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (!statm || fscanf(statm, "%*u %lu", &pages) != 1)
        exit(99);
    fclose(statm);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* The most that were at once. */
static inline size_t resident_most(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        exit(99);
    return (size_t)usage.ru_maxrss * 1024;
}

static inline void print_bytes(const char *name, size_t bytes)
{
    printf("%s %zu\n", name, bytes);
}

#endif
