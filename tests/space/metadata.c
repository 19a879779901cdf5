/* SPDX-License-Identifier: MIT */
/* Memory for descriptors: aligned, zeros, nobody else's, never in huge pages, and between pages that are closed. */
#include "lib/space/metadata.h"

#include "lib/base/compiler.h"
#include "lib/base/os.h"
#include "tests/base/child.h"
#include "tests/profile/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#define ROUNDS 200
#define PIECE_BYTES ((size_t)1000)
#define PAGES_BYTES (3 * METADATA_PAGE + 1)

static bool is_zero(const char *memory, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (memory[i] != 0)
            return false;
    return true;
}

/* Over several chunks, of both kinds by turns. */
static void each_piece_is_its_owners(void **state)
{
    static char *piece[ROUNDS], *pages[ROUNDS];
    (void)state;
    uint64_t before = metadata_bytes();
    for (unsigned i = 0; i < ROUNDS; i++) {
        piece[i] = metadata_new(PIECE_BYTES);
        pages[i] = metadata_new_pages(PAGES_BYTES);
        assert_non_null(piece[i]);
        assert_non_null(pages[i]);
        assert_int_equal((uintptr_t)piece[i] % CACHE_LINE, 0);
        assert_int_equal((uintptr_t)pages[i] % METADATA_PAGE, 0);
        assert_true(is_zero(piece[i], PIECE_BYTES) && is_zero(pages[i], PAGES_BYTES));
        memset(piece[i], (int)i, PIECE_BYTES);
        memset(pages[i], (int)(i + 1), PAGES_BYTES);
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        char byte = (char)i, next = (char)(i + 1);
        assert_true(piece[i][0] == byte && memcmp(piece[i], piece[i] + 1, PIECE_BYTES - 1) == 0);
        assert_true(pages[i][0] == next && memcmp(pages[i], pages[i] + 1, PAGES_BYTES - 1) == 0);
    }
    assert_int_equal(metadata_bytes() - before,
                     ROUNDS * (round_up(PIECE_BYTES, CACHE_LINE) + round_up(PAGES_BYTES, METADATA_PAGE)));
}

static void what_is_longer_than_a_chunk_has_one(void **state)
{
    (void)state;
    char *memory = metadata_new((size_t)1 << 20), *pages = metadata_new_pages((size_t)1 << 20);
    assert_true(is_zero(memory, (size_t)1 << 20) && is_zero(pages, (size_t)1 << 20));
}

/* The kernel's flags of the mapping that has ADDRESS, into TEXT; false where it does not say. */
static bool read_flags(const void *address, char *text, size_t size)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    bool inside = false, found = false;
    unsigned long first, end;
    while (file != NULL && !found && fgets(text, (int)size, file) != NULL) {
        if (sscanf(text, "%lx-%lx ", &first, &end) == 2)
            inside = (uintptr_t)address >= first && (uintptr_t)address < end;
        found = inside && strncmp(text, "VmFlags:", 8) == 0;
    }
    if (file != NULL)
        fclose(file);
    return found;
}

/* Whatever the system's setting is: threads touch little of what they have. */
static void there_are_no_huge_pages_behind_it(void **state)
{
    (void)state;
    skip_if_emulated("an emulator's smaps do not say where huge pages may be");
    char flags[512];
    const char *memory = metadata_new(1);
    if (os_huge_page_bytes() == 0 || !read_flags(memory, flags, sizeof flags)) {
        print_message("skipped: this kernel has no transparent huge pages, or does not say where\n");
        skip();
    }
    assert_non_null(strstr(flags, " nh"));
}

/* Whether whoever runs over into the mapping that has ADDRESS, or out of it, comes to inaccessible addresses first; or
 * the system does not show its mappings. */
static bool is_between_closed_pages(uintptr_t address)
{
    FILE *file = fopen("/proc/self/maps", "r");
    char text[512], rights[5], before[5] = "", behind[5] = "";
    unsigned long first, end, before_end = 0, mapping_first = 0, mapping_end = 0;
    while (file != NULL && fgets(text, sizeof text, file) != NULL) {
        if (sscanf(text, "%lx-%lx %4s", &first, &end, rights) != 3)
            continue;
        if (address >= first && address < end) {
            mapping_first = first;
            mapping_end = end;
        } else if (end <= address) {
            before_end = end;
            memcpy(before, rights, sizeof before);
        } else if (first == mapping_end) {
            memcpy(behind, rights, sizeof behind);
        }
    }
    if (file != NULL)
        fclose(file);
    return file == NULL || (before_end == mapping_first && strcmp(before, "---p") == 0 && strcmp(behind, "---p") == 0);
}

static void it_lies_between_closed_pages(void **state)
{
    (void)state;
    skip_if_emulated("an emulator's mappings are not the kernel's");
    assert_true(is_between_closed_pages((uintptr_t)metadata_new(1)));
    assert_true(is_between_closed_pages((uintptr_t)metadata_new((size_t)1 << 20)));
}

int main(void)
{
    os_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_piece_is_its_owners),
        cmocka_unit_test(what_is_longer_than_a_chunk_has_one),
        cmocka_unit_test(there_are_no_huge_pages_behind_it),
        cmocka_unit_test(it_lies_between_closed_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
