/* SPDX-License-Identifier: MIT */
/* What the misuses of this folder are written with. Each is a function that does one thing that is wrong, says so by
 * misused(), goes on to use the allocator, and returns what came of it; misuses.c runs the one that it is asked for.
 *
 * The functions of the C library are called through volatile pointers: the compiler would warn of the misuse, or take
 * it out. */
#ifndef HAK_TESTS_MISUSE_H
#define HAK_TESTS_MISUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What came of a misuse that its program survived. */
enum outcome {
    HARMLESS, /* nothing that the program could see */
    SILENT,   /* a block was handed out twice, a neighbour's bytes are others, or what a block held is there to read */
    REFUSED,  /* the call failed as the standards say */
    ABSENT,   /* the allocator has no such call */
};

struct misuse {
    const char *name;
    enum outcome (*commit)(void);
};

/* Each ends with an entry without a name. */
extern const struct misuse double_frees[], invalid_frees[], wrong_sizes[], stale_pointers[], out_of_bounds[],
    after_free[], guesses[];

/* For outcomes by what the program saw. */
static inline enum outcome silent_if(bool effect)
{
    return effect ? SILENT : HARMLESS;
}

extern void *(*volatile allocate)(size_t);
extern void *(*volatile allocate_zeroed)(size_t, size_t);
extern void *(*volatile resize)(void *, size_t);
extern int (*volatile allocate_aligned)(void **, size_t, size_t);
extern void (*volatile release)(void *);
extern size_t (*volatile usable)(void *);

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define GIB ((size_t)1 << 30)

/* Sizes that allocators treat differently. */
#define SMALL ((size_t)48)
#define SHARED ((size_t)192) /* above a cache line: of no thread in this library */
#define MEDIUM (32 * KIB)
#define LARGE (256 * KIB)
#define HUGE (200 * MIB) /* a mapping of its own anywhere */

/* Tells the runner that the call or the access which is wrong has returned. Once or several times. */
void misused(void);

/* A block that the misuse may be done to; ends the program where there is none. */
char *block_of(size_t size);
char *aligned_block_of(size_t alignment, size_t size);

/* A function that C has no header for here, by its name; NULL where the allocator does not have it. */
void *function_called(const char *name);

/* Calls COMMIT(ARGUMENT) in a thread and waits for its end. */
void in_thread(void *(*commit)(void *), void *argument);

/* Calls COMMIT(ARGUMENT) in a forked child, and ends as the child did if that was by a signal. */
void in_child(void (*commit)(void *), void *argument);

/* Keeps blocks of SIZE on both sides of the one that it returns, all filled. */
char *block_among(size_t size);
/* Whether the neighbours that block_among has made hold what they were filled with; frees them. */
bool neighbours_are_intact(void);

/* Allocates blocks of SIZE, more than any cache holds, writes into all, and looks whether two are the same memory, or
 * one is at FOREIGN (NULL: not asked for), or bytes of FOREIGN have changed. Frees them. SILENT or HARMLESS. */
enum outcome live_on(size_t size, const void *foreign, size_t foreign_bytes);

/* Fills what belongs to the program, to be asked for by live_on, with bytes that it will look for. */
void fill_foreign(void *foreign, size_t bytes);

/* Allocates and frees thousands of blocks of SIZE: everything that was freed before leaves the thread's cache. */
void churn(size_t size);

#endif
