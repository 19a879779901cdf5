/* SPDX-License-Identifier: MIT */
/* Where the kernel is asked for huge pages under pages.huge: auto: behind slabs that are going to be filled, as they
 * cost; and behind those large blocks that malloc, calloc and realloc return after blocks of their length were freed.
 */
#include "lib/space/huge.h"
#include "lib/space/pool.h"
#include "tests/space/huge_pages.h"

#include <inttypes.h>

/* Whether the kernel may have huge pages at ADDRESS, by its own account; ends the child as skipped where it keeps
 * none.
 */
static bool is_advised(const void *address)
{
    char line[1024];
    bool here = false, advised = false, told = false;
    FILE *smaps = fopen("/proc/self/smaps", "r");
    while (smaps != NULL && fgets(line, sizeof line, smaps) != NULL) {
        uintptr_t start, end;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) == 2)
            here = (uintptr_t)address >= start && (uintptr_t)address < end;
        if (here && strncmp(line, "VmFlags:", 8) == 0) {
            told = true;
            advised = strstr(line, " hg") != NULL;
        }
    }
    if (smaps != NULL)
        fclose(smaps);
    if (!told) {
        dprintf(STDERR_FILENO, "this kernel does not say where it may have huge pages\n");
        _exit(CHILD_SKIPPED);
    }
    return advised;
}

static char *filled(size_t bytes)
{
    char *block = hak_malloc(bytes);
    CHILD_CHECK(block != NULL);
    return memset(block, 1, bytes);
}

/* A run, and a mapping of its own. */
static const size_t lengths[] = {8 * MIB, 40 * MIB};

static void allocated_blocks_in_child(void)
{
    for (size_t i = 0; i < 2; i++) {
        char *block = filled(lengths[i]);
        CHILD_CHECK(!is_advised(block));
        char *other = filled(lengths[i]);
        CHILD_CHECK(!is_advised(other)); /* nothing was freed yet */
        hak_free(other);
        hak_malloc_trim(0); /* not the same memory */
        other = filled(lengths[i]);
        CHILD_CHECK(is_advised(other + lengths[i] / 2));
        char *table = hak_calloc(1, lengths[i]);
        CHILD_CHECK(!is_advised(table));
        hak_free(block);
        hak_free(other);
        hak_free(table); /* sparse: says nothing of what malloc gives */
        hak_malloc_trim(0);
        CHILD_CHECK(is_advised((char *)hak_malloc(lengths[i]) + lengths[i] / 2));
        hak_free(hak_malloc(lengths[i])); /* nothing was written */
        hak_malloc_trim(0);
        hak_free(hak_malloc(lengths[i]));
    }
}

/* Blocks that come and go get the same memory again, which is not looked at; they keep their huge pages all the same
 * but for one now and then. */
static void repeated_blocks_in_child(void)
{
    size_t advised = 0;
    hak_free(filled(200 * MIB)); /* the footprint's ceiling is above what they need */
    for (int round = 0; round < 200; round++) {
        char *block = filled(8 * MIB);
        advised += is_advised(block + 4 * MIB);
        hak_free(block);
    }
    if (advised < 160) {
        dprintf(STDERR_FILENO, "%zu of 200\n", advised);
        _exit(1);
    }
}

/* Whether blocks of 10 MiB count as dense after one such block was grown over memory that others had written, and
 * written little itself. */
static void grown_over_others_in_child(void)
{
    enum { OTHERS = 4 };
    char *other[OTHERS];
    hak_free(hak_malloc(50 * MIB)); /* sparse, so that other lengths show by themselves */
    char *block = hak_malloc(MIB / 2);
    for (size_t i = 0; i < OTHERS; i++) {
        other[i] = filled(5 * MIB / 2);
        CHILD_CHECK(other[i] == block + MIB / 2 + i * 5 * MIB / 2);
    }
    for (size_t i = 0; i < OTHERS; i++)
        hak_free(other[i]);
    CHILD_CHECK(hak_realloc(block, 10 * MIB) == block);
    CHILD_CHECK(!huge_pages_for_new(10 * MIB, false));
    hak_free(block);
    CHILD_CHECK(!huge_pages_for_new(10 * MIB, false));
}

/* From BYTES on in STEPS, each time written as a whole if DENSE, else in its first tenth. */
static char *grown(size_t bytes, size_t steps, bool dense)
{
    char *block = NULL;
    for (size_t step = 1; step <= steps; step++) {
        block = hak_realloc(block, step * bytes);
        CHILD_CHECK(block != NULL);
        memset(block, 1, dense ? step * bytes : step * bytes / 10);
    }
    return block;
}

static void reallocated_blocks_in_child(void)
{
    static const struct {
        size_t bytes, steps;
    } ways[] = {{MIB, 20}, {3 * MIB, 8}, {MIB, 60}, {30 * MIB, 3}, {40 * MIB, 2}};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        size_t middle = ways[i].bytes * ways[i].steps / 2;
        char *sparse = grown(ways[i].bytes, ways[i].steps, false);
        CHILD_CHECK(!is_advised(sparse + middle));
        char *dense = grown(ways[i].bytes, ways[i].steps, true);
        CHILD_CHECK(is_advised(dense + middle));
        hak_free(sparse);
        hak_free(dense);
        hak_malloc_trim(0);
    }
}

static bool has_huge_page_ahead(void)
{
    struct page_run run;
    CHILD_CHECK(pool_take(HAK_PROFILE(superslab_size) >> PAGE_SHIFT, true, &run));
    return run.superslab->huge;
}

/* A SuperSlab that is going to be filled has huge pages from the start, unless these take longer than small ones. */
static void slabs_in_child(void)
{
    size_t huge = os_huge_page_bytes();
    CHILD_CHECK(has_huge_page_ahead());
    huge_pages_note_cost(false, huge, 1000);
    huge_pages_note_cost(true, huge, 2000);
    CHILD_CHECK(!has_huge_page_ahead());
    huge_pages_note_cost(true, huge, 500);
    CHILD_CHECK(has_huge_page_ahead());
}

static void slabs_as_they_cost(void **state)
{
    (void)state;
    IN_CHILDREN(slabs_in_child);
}

static void allocated_blocks(void **state)
{
    (void)state;
    skip_if_emulated("an emulator's smaps do not say where huge pages may be");
    IN_CHILDREN(allocated_blocks_in_child, repeated_blocks_in_child, grown_over_others_in_child);
}

static void reallocated_blocks(void **state)
{
    (void)state;
    skip_if_emulated("an emulator's smaps do not say where huge pages may be");
    IN_CHILDREN(reallocated_blocks_in_child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(slabs_as_they_cost), cmocka_unit_test(allocated_blocks),
                                       cmocka_unit_test(reallocated_blocks)};
    return cmocka_run_group_tests(tests, setup, NULL);
}
