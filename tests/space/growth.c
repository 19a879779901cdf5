/* SPDX-License-Identifier: MIT */
/* A block that grows by malloc, copy and free, as vectors do, needs the old block and the new one and no more: what was
 * freed before is not left beside them. By realloc it needs hardly more than itself. */
#include "lib/base/os.h"
#include "lib/space/retention.h"
#include "tests/base/child.h"
#include "tests/life/resident.h"

#include <hakmem/hakmem.h>

#define MIB ((size_t)1 << 20)
#define LAST (160 * MIB)

/* A 32nd of what is in use may be retained besides (retention.h), and below a ceiling that stands as much as refaults
 * earn; half a huge page may be filled at either end of each block. */
#define SLACK(needed) ((needed) / 32 + 2 * size_maximum(os_huge_page_bytes() & (4 * MIB - 1), MIB))

static void check_resident(const char *what, size_t start, size_t needed)
{
    size_t resident = resident_now() - start;
    size_t earned = strcmp(what, "after another") == 0 ? needed / RETENTION_SLACK_EARNED_SHARE : 0;
    if (resident <= needed + SLACK(needed) + earned)
        return;
    dprintf(STDERR_FILENO, "%s: %zu MiB are resident where %zu are needed\n", what, resident / MIB, needed / MIB);
    _exit(1);
}

/* Each block is PERCENT of the one before. */
static void grow_by_copies(size_t first, size_t percent)
{
    size_t start = resident_now(), bytes = first, next;
    char *block = memset(hak_malloc(bytes), 1, bytes);
    for (; bytes < LAST; bytes = next) {
        next = bytes / 100 * percent;
        char *larger = hak_malloc(next);
        CHILD_CHECK(larger != NULL);
        memcpy(larger, block, bytes);
        memset(larger + bytes, 1, next - bytes);
        check_resident("by malloc, copy and free", start, bytes + next);
        hak_free(block);
        block = larger;
    }
    hak_free(block);
}

static void grow_by_realloc(size_t first, size_t percent)
{
    size_t start = resident_now(), bytes = first, written = 0;
    char *block = NULL;
    for (; bytes < LAST; bytes = bytes / 100 * percent) {
        block = hak_realloc(block, bytes);
        CHILD_CHECK(block != NULL);
        memset(block + written, 1, bytes - written);
        written = bytes;
        check_resident("by realloc", start, bytes);
    }
    hak_free(block);
}

static void tenths_in_child(void)
{
    grow_by_copies(MIB, 110);
}

static void quarters_in_child(void)
{
    grow_by_copies(MIB, 125);
}

static void halves_in_child(void)
{
    grow_by_copies(64 * 1024, 150);
}

static void doublings_in_child(void)
{
    grow_by_copies(4096, 200);
}

/* What the one before left serves the next one, and does not lie beside it. */
static void one_after_the_other_in_child(void)
{
    size_t start = resident_now(), most = 0;
    for (int i = 0; i < 3; i++) {
        char *block = NULL;
        for (size_t bytes = MIB, written = 0; bytes < LAST; written = bytes, bytes = bytes / 10 * 13) {
            char *larger = hak_malloc(bytes);
            CHILD_CHECK(larger != NULL);
            memset(larger, 1, bytes);
            most = written + bytes > most ? written + bytes : most;
            check_resident("after another", start, most);
            hak_free(block);
            block = larger;
        }
        hak_free(block);
    }
}

static void reallocated_in_child(void)
{
    grow_by_realloc(2 * MIB, 110);
    hak_malloc_trim(0);
    grow_by_realloc(MIB, 200);
}

static void skip_where_others_have_memory(void)
{
    skip_in_emulator();
#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__
    print_message("skipped: a sanitizer has memory of its own for each byte that is written\n");
    skip();
#endif
}

static void old_and_new_block_and_no_more(void **state)
{
    (void)state;
    skip_where_others_have_memory();
    assert_child_passes(tenths_in_child);
    assert_child_passes(quarters_in_child);
    assert_child_passes(halves_in_child);
    assert_child_passes(doublings_in_child);
    assert_child_passes(one_after_the_other_in_child);
}

static void one_block_by_realloc(void **state)
{
    (void)state;
    skip_where_others_have_memory();
    assert_child_passes(reallocated_in_child);
}

static int setup(void **state)
{
    (void)state;
    hak_free(hak_malloc(1)); /* starts the allocator */
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(old_and_new_block_and_no_more),
                                       cmocka_unit_test(one_block_by_realloc)};
    return cmocka_run_group_tests(tests, setup, NULL);
}
