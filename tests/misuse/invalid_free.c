/* SPDX-License-Identifier: MIT */
/* Addresses that are freed and are the start of no block. */
#include "tests/misuse/misuse.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Frees ADDRESS, which lies in a block of SIZE at BLOCK that stays in use. */
static enum outcome free_inside(char *block, size_t size, size_t offset)
{
    fill_foreign(block, size);
    release(block + offset);
    misused();
    return live_on(size, block, size);
}

static enum outcome interior_small(void)
{
    return free_inside(block_of(160), 160, 16);
}

static enum outcome second_half_small(void)
{
    return free_inside(block_of(64), 64, 32);
}

static enum outcome unaligned_small(void)
{
    return free_inside(block_of(16), 16, 1);
}

static enum outcome interior_medium(void)
{
    return free_inside(block_of(MEDIUM), MEDIUM, 4 * KIB);
}

static enum outcome interior_large(void)
{
    return free_inside(block_of(MIB), MIB, 64 * KIB);
}

static enum outcome unaligned_large(void)
{
    return free_inside(block_of(LARGE), LARGE, 1);
}

static enum outcome interior_large_near(void)
{
    return free_inside(block_of(LARGE), LARGE, 16);
}

static enum outcome interior_huge(void)
{
    return free_inside(block_of(HUGE), HUGE, HUGE / 2);
}

static enum outcome before_aligned(void)
{
    char *block = aligned_block_of(4 * KIB, 4 * KIB);
    fill_foreign(block, 4 * KIB);
    release(block - 16);
    misused();
    return live_on(16, block, 4 * KIB);
}

static void *release_second_half(void *block)
{
    release((char *)block + SHARED / 2);
    misused();
    churn(SHARED);
    return NULL;
}

static enum outcome interior_by_another_thread(void)
{
    char *block = block_of(SHARED);
    fill_foreign(block, SHARED);
    in_thread(release_second_half, block);
    return live_on(SHARED, block, SHARED);
}

static void *release_inside_short(void *block)
{
    release((char *)block + 16);
    misused();
    churn(SMALL);
    return NULL;
}

static enum outcome interior_of_another_threads(void)
{
    char *block = block_of(SMALL);
    fill_foreign(block, SMALL);
    in_thread(release_inside_short, block);
    return live_on(SMALL, block, SMALL);
}

static void release_inside(void *block)
{
    release((char *)block + 16);
    misused();
    live_on(SMALL, block, SMALL);
}

static enum outcome interior_in_forked_child(void)
{
    char *block = block_of(SMALL);
    fill_foreign(block, SMALL);
    in_child(release_inside, block);
    return SILENT;
}

static enum outcome never_allocated(void)
{
    release(block_of(16) + 16 * KIB);
    misused();
    return SILENT;
}

static enum outcome far(void)
{
    release(block_of(16) + GIB);
    misused();
    return SILENT;
}

/* What the program has for itself, of 64 bytes or more: whether later blocks lie there. */
static enum outcome free_foreign(void *foreign)
{
    enum { BYTES = 48 };
    release(block_of(64));
    fill_foreign(foreign, BYTES);
    release(foreign);
    misused();
    return live_on(BYTES, foreign, BYTES);
}

static enum outcome stack(void)
{
    _Alignas(64) char local[256];
    return free_foreign(local + 64);
}

static enum outcome statically_allocated(void)
{
    static _Alignas(64) char variable[4096];
    return free_foreign(variable + 64);
}

static void *free_own_stack(void *outcome)
{
    _Alignas(64) char local[256];
    *(enum outcome *)outcome = free_foreign(local + 64);
    return NULL;
}

static enum outcome threads_stack(void)
{
    enum outcome outcome = SILENT;
    in_thread(free_own_stack, &outcome);
    return outcome;
}

static enum outcome literal(void)
{
    static const char text[] = "a text that is no block, and is long enough for a header before it and behind it";
    release((void *)(uintptr_t)(text + 32));
    misused();
    return SILENT;
}

static enum outcome function(void)
{
    release((void *)((uintptr_t)function & ~(uintptr_t)15));
    misused();
    return SILENT;
}

static enum outcome environment(void)
{
    extern char **environ;
    release(environ[0]);
    misused();
    return SILENT;
}

static char *map(int protection)
{
    char *mapping = mmap(NULL, 16 * 4 * KIB, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED)
        _exit(99);
    return mapping;
}

static enum outcome mapping(void)
{
    return free_foreign(map(PROT_READ | PROT_WRITE) + 8 * 4 * KIB);
}

static enum outcome guarded_mapping(void)
{
    release(block_of(16));
    release(map(PROT_NONE) + 8 * 4 * KIB);
    misused();
    return SILENT;
}

static enum outcome unmapped(void)
{
    char *mapping = map(PROT_READ | PROT_WRITE);
    munmap(mapping, 16 * 4 * KIB);
    release(mapping + 8 * 4 * KIB);
    misused();
    return SILENT;
}

/* A number that no processor can address, by a program that has allocated nothing. */
static enum outcome wild(void)
{
    release((void *)(uintptr_t)0x7a5a5a5a5a5a5a50);
    misused();
    return SILENT;
}

static enum outcome number(void)
{
    release((void *)(uintptr_t)1);
    misused();
    return SILENT;
}

static enum outcome all_bits(void)
{
    release((void *)~(uintptr_t)15);
    misused();
    return SILENT;
}

const struct misuse invalid_frees[] = {
    {"free_interior_small", interior_small},
    {"free_second_half_small", second_half_small},
    {"free_unaligned_small", unaligned_small},
    {"free_interior_medium", interior_medium},
    {"free_interior_large", interior_large},
    {"free_interior_large_near", interior_large_near},
    {"free_unaligned_large", unaligned_large},
    {"free_interior_huge", interior_huge},
    {"free_before_aligned", before_aligned},
    {"free_interior_by_another_thread", interior_by_another_thread},
    {"free_interior_of_another_threads", interior_of_another_threads},
    {"free_interior_in_forked_child", interior_in_forked_child},
    {"free_never_allocated", never_allocated},
    {"free_far", far},
    {"free_stack", stack},
    {"free_threads_stack", threads_stack},
    {"free_static", statically_allocated},
    {"free_literal", literal},
    {"free_function", function},
    {"free_environment", environment},
    {"free_mapping", mapping},
    {"free_guarded_mapping", guarded_mapping},
    {"free_unmapped", unmapped},
    {"free_wild", wild},
    {"free_number", number},
    {"free_all_bits", all_bits},
    {NULL, NULL},
};
