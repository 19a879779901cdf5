/* SPDX-License-Identifier: MIT */
/* Allocation outside of main: before any constructor (preinit_array, which runs before the preloaded library's own
 * constructors), in constructors, in atexit functions and in destructors. Blocks are made in each phase and freed in a
 * later one. */
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"

#include <stdlib.h>

/* One block of each of these sizes is made in every phase. */
static const size_t sizes[] = {0, 24, 1000, 20 * KIB, 400 * KIB, 5 * MIB};
enum { SIZES = sizeof sizes / sizeof *sizes };
enum phase { PREINIT, CONSTRUCTOR_EARLY, CONSTRUCTOR, MAIN, ATEXIT, DESTRUCTOR, PHASES };

static void *blocks[PHASES][SIZES];

static void make_blocks(enum phase phase)
{
    for (size_t i = 0; i < SIZES; i++) {
        blocks[phase][i] = i % 2 ? malloc(sizes[i]) : calloc(1, sizes[i]);
        if (blocks[phase][i])
            pattern_fill(blocks[phase][i], sizes[i], phase * SIZES + i);
    }
}

/* Frees the blocks of PHASE, which is over; false if one is not what it was. */
static bool free_blocks(enum phase phase)
{
    bool good = true;
    for (size_t i = 0; i < SIZES; i++) {
        good = good && blocks[phase][i] && pattern_holds(blocks[phase][i], sizes[i], phase * SIZES + i);
        free(blocks[phase][i]);
    }
    return good;
}

static bool preinit_ran; /* not with every C library: musl has no such functions */

static void before_constructors(void)
{
    preinit_ran = true;
    make_blocks(PREINIT);
}
__attribute__((section(".preinit_array"), used)) static void (*const preinit)(void) = before_constructors;

__attribute__((constructor(101))) static void constructor_early(void)
{
    make_blocks(CONSTRUCTOR_EARLY);
}

__attribute__((constructor)) static void constructor(void)
{
    make_blocks(CONSTRUCTOR);
    if (!preinit_ran)
        tap_skip("this C library runs nothing before all constructors");
    else
        tap_ok(free_blocks(PREINIT), "blocks made before all constructors hold in a constructor");
}

__attribute__((destructor)) static void destructor(void)
{
    make_blocks(DESTRUCTOR);
    tap_ok(free_blocks(CONSTRUCTOR), "blocks made in a constructor hold in a destructor");
    tap_ok(free_blocks(ATEXIT), "blocks made in an atexit function hold in a destructor");
}

/* The lowest priority: runs last of the program's own. */
__attribute__((destructor(101))) static void destructor_late(void)
{
    tap_ok(free_blocks(MAIN), "blocks made in main hold in the last destructor");
    tap_ok(free_blocks(DESTRUCTOR), "blocks made in a destructor hold in the last destructor");
    char *grown = NULL;
    for (size_t size = 1; size <= 10 * MIB && (size == 1 || grown); size *= 3)
        grown = realloc(grown, size);
    tap_ok(grown != NULL, "realloc grows a block in the last destructor");
    free(grown);
    tap_done();
}

static void at_exit(void)
{
    make_blocks(ATEXIT);
    tap_ok(free_blocks(CONSTRUCTOR_EARLY), "blocks made in the first constructor hold in an atexit function");
}

int main(void)
{
    make_blocks(MAIN);
    return atexit(at_exit);
}
