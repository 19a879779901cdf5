/* SPDX-License-Identifier: MIT */
/* What malloc_usable_size promises to those who use all of it: it is at least what was asked for, stays the same for
 * the block's life, all of it may be written, and realloc to it stays in place. Compiled with _FORTIFY_SOURCE=3, whose
 * checks go by what was asked for where the compiler sees that. */
#include "tests/harness/pattern.h"
#include "tests/harness/tap.h"

#include <malloc.h>
#include <stdint.h>

/* The compiler forgets what it knows of the block's size. */
static void *forget(void *block)
{
    __asm__ volatile("" : "+r"(block));
    return block;
}

static size_t size_of_round(size_t round)
{
    return round < 4200 ? round : round * round * 3 % (3 * MIB);
}

static void test_sizes(void)
{
    enum { ROUNDS = 12000 };
    size_t too_short = 0, changed = 0, overlapped = 0, moved = 0, shrunk = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t size = size_of_round(round);
        char *block = forget(malloc(size)), *neighbour = forget(malloc(size));
        size_t usable = malloc_usable_size(block), neighbour_usable = malloc_usable_size(neighbour);
        too_short += usable < size;
        if (size < 100000) {
            pattern_fill(neighbour, neighbour_usable, 1);
            pattern_fill(block, usable, 2);
            overlapped += !pattern_holds(neighbour, neighbour_usable, 1) || !pattern_holds(block, usable, 2);
        } else {
            block[usable - 1] = 1;
        }
        changed += malloc_usable_size(block) != usable;
        uintptr_t before = (uintptr_t)block;
        char *resized = forget(realloc(block, usable));
        moved += (uintptr_t)resized != before;
        shrunk += malloc_usable_size(resized) < usable;
        free(resized);
        free(neighbour);
    }
    tap_ok(too_short == 0, "malloc_usable_size is at least what was asked for (%zu of %d not)", too_short, ROUNDS);
    tap_ok(changed == 0, "  and stays the same (%zu changed)", changed);
    tap_ok(overlapped == 0, "  and all of it is the block's (%zu overlapped)", overlapped);
    tap_ok(moved == 0, "realloc to the usable size stays in place (%zu moved)", moved);
    tap_ok(shrunk == 0, "  and does not make it less (%zu shrank)", shrunk);
}

static void test_aligned(void)
{
    bool good = true;
    for (size_t alignment = 16; alignment <= MIB; alignment *= 2) {
        void *block = NULL;
        good = good && posix_memalign(&block, alignment, 100) == 0 && malloc_usable_size(block) >= 100;
        memset(forget(block), 1, malloc_usable_size(block));
        free(block);
    }
    tap_ok(good, "aligned blocks may be written to their usable size");
}

/* The compiler knows here that the blocks are of 32 and 4096 bytes and has each call checked: more than that would end
 * the program. */
static void test_fortified(void)
{
    volatile size_t small = 32, page = 4096;
    size_t asked = small, asked_page = page;
    char *block = malloc(asked), *large = malloc(asked_page);
    size_t usable = malloc_usable_size(block), usable_page = malloc_usable_size(large);
    if (usable == asked && usable_page == asked_page) {
        memset(block, 1, usable);
        memset(large, 1, usable_page);
        tap_ok(block[31] == 1 && large[4095] == 1,
               "with _FORTIFY_SOURCE=3 blocks of 32 and 4096 bytes are written whole");
    } else {
        tap_skip("blocks of 32 bytes have %zu here, and of 4096 bytes %zu", usable, usable_page);
    }
    free(block);
    free(large);
}

int main(void)
{
    test_sizes();
    test_aligned();
    test_fortified();
    return tap_done();
}
