/* SPDX-License-Identifier: MIT */
/* For the programs of this folder: each does one thing that is wrong, after a life of good use, and must be ended for
 * it. One that returns from main says so by its exit status.
 *
 * The functions are called through volatile pointers: the compiler would warn of the misuse, or take it out. */
#ifndef HAK_TESTS_MISUSE_H
#define HAK_TESTS_MISUSE_H

#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The exit status that says: the misuse was not noticed. */
#define UNNOTICED 0

static void *(*volatile allocate)(size_t) = malloc;
static void (*volatile release)(void *) = free;
static void *(*volatile resize)(void *, size_t) = realloc;
static size_t (*volatile usable)(void *) = malloc_usable_size;

/* More blocks than any thread cache holds, so that allocating and freeing them all refills and drains several times. */
#define MANY 20000

/* Allocates and frees MANY blocks of SIZE: everything that was freed before leaves the thread cache. */
static inline void churn(size_t size)
{
    static void *blocks[MANY];
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < MANY; i++)
            blocks[i] = allocate(size);
        for (size_t i = 0; i < MANY; i++)
            release(blocks[i]);
    }
}

#endif
