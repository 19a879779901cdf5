/* SPDX-License-Identifier: MIT */
/* SuperSlabs against a naive model: which pages are used, which may be dirty, which may be resident, which have been
 * given back since they were used. */
#include "lib/space/superslab.h"

#include "lib/profile/active.h"
#include "tests/base/child.h"
#include "tests/base/start_os.h"

#define MIB ((size_t)1 << 20)
#define RUNS 256
#define PAGES_MOST 1024 /* of a SuperSlab that is tried */

static bool used[PAGES_MOST], dirty[PAGES_MOST], resident[PAGES_MOST], released[PAGES_MOST];
static struct run {
    size_t first, pages;
} runs[RUNS];
static size_t run_count, pages_in_all;

static size_t free_from(size_t page)
{
    size_t length = 0;
    while (page + length < pages_in_all && !used[page + length])
        length++;
    return length;
}

static size_t longest_free(void)
{
    size_t longest = 0;
    for (size_t page = 0; page < pages_in_all; page++)
        longest = free_from(page) > longest ? free_from(page) : longest;
    return longest;
}

static size_t lowest_fit(size_t pages, size_t every)
{
    for (size_t page = 0; page < pages_in_all; page += every)
        if (free_from(page) >= pages)
            return page;
    return pages_in_all;
}

static void set_used(size_t first, size_t pages, bool value)
{
    for (size_t page = first; page < first + pages; page++) {
        used[page] = value;
        if (value)
            dirty[page] = resident[page] = true;
    }
}

/* The pages, which were just handed out, count as released once, and not again. */
static void check_released(struct superslab *superslab, size_t first, size_t pages)
{
    size_t expected = 0;
    for (size_t page = first; page < first + pages; page++) {
        expected += released[page];
        released[page] = false;
    }
    char *base = superslab->base + first * PAGE_BYTES;
    assert_int_equal(superslab_reuse_released(superslab, base, pages), expected);
    assert_int_equal(superslab_reuse_released(superslab, base, pages), 0);
}

static size_t retained(void)
{
    size_t pages = 0;
    for (size_t page = 0; page < pages_in_all; page++)
        pages += resident[page] && !used[page];
    return pages;
}

static void check_zeros(const struct superslab *superslab, size_t first, size_t pages)
{
    for (size_t page = first; page < first + pages; page++)
        for (size_t at = 0; at < PAGE_BYTES; at += 4096)
            assert_int_equal(superslab->base[page * PAGE_BYTES + at], 0);
}

static void fill(struct superslab *superslab, size_t first, size_t pages)
{
    for (size_t page = first; page < first + pages; page++)
        for (size_t at = 0; at < PAGE_BYTES; at += 4096)
            superslab->base[page * PAGE_BYTES + at] = (char)(first + 1);
}

static void check_filled(const struct superslab *superslab, const struct run *run)
{
    for (size_t page = run->first; page < run->first + run->pages; page++)
        assert_int_equal(superslab->base[page * PAGE_BYTES], (char)(run->first + 1));
}

/* The pages at FIRST, which are handed out at BASE: what is known of their content is right. */
static void note_taken(struct superslab *superslab, const char *base, size_t first, size_t pages, bool zeroed)
{
    bool model_zeroed = true;
    assert_ptr_equal(base, superslab->base + first * PAGE_BYTES);
    for (size_t page = first; page < first + pages; page++)
        model_zeroed &= !dirty[page];
    assert_int_equal(zeroed, model_zeroed);
    if (zeroed)
        check_zeros(superslab, first, pages);
    set_used(first, pages, true);
    check_released(superslab, first, pages);
    fill(superslab, first, pages);
    runs[run_count++] = (struct run){first, pages};
}

static void step_take(struct superslab *superslab, uint32_t *seed)
{
    size_t pages = 1 + random_next(seed) % (random_next(seed) % 4 == 0 ? pages_in_all : 4),
           every = (size_t)1 << random_next(seed) % 4;
    bool zeroed = false;
    if (every > pages_in_all || run_count == RUNS)
        return;
    size_t expected = lowest_fit(pages, every);
    char *base = superslab_take(superslab, pages, every * PAGE_BYTES, &zeroed);
    if (expected == pages_in_all) {
        assert_null(base);
        assert_int_equal(superslab->longest_run, longest_free());
        return;
    }
    note_taken(superslab, base, expected, pages, zeroed);
}

static size_t resident_free_from(size_t page)
{
    size_t length = 0;
    while (page + length < pages_in_all && !used[page + length] && resident[page + length])
        length++;
    return length;
}

/* The lowest run with memory behind all of it. */
static void step_take_resident(struct superslab *superslab, uint32_t *seed)
{
    size_t pages = 1 + random_next(seed) % 6, every = (size_t)1 << random_next(seed) % 3, first = 0;
    bool zeroed = false;
    if (every > pages_in_all || run_count == RUNS)
        return;
    while (first < pages_in_all && resident_free_from(first) < pages)
        first += every;
    uint32_t longest = superslab->longest_run;
    char *base = superslab_take_resident(superslab, pages, every * PAGE_BYTES, &zeroed);
    if (first < pages_in_all) {
        note_taken(superslab, base, first, pages, zeroed);
        return;
    }
    assert_null(base);
    assert_int_equal(superslab->longest_run, longest);
}

static void step_give(struct superslab *superslab, uint32_t *seed)
{
    if (run_count == 0)
        return;
    struct run *run = &runs[random_next(seed) % run_count];
    check_filled(superslab, run);
    superslab_give(superslab, superslab->base + run->first * PAGE_BYTES, run->pages);
    set_used(run->first, run->pages, false);
    *run = runs[--run_count];
}

static void step_extend(struct superslab *superslab, uint32_t *seed)
{
    if (run_count == 0)
        return;
    struct run *run = &runs[random_next(seed) % run_count];
    size_t more = 1 + random_next(seed) % 3, after = run->first + run->pages;
    bool room = free_from(after) >= more;
    bool zeroed = false, model_zeroed = true;
    char *base = superslab->base + run->first * PAGE_BYTES;
    assert_int_equal(superslab_extend(superslab, base, run->pages, more, &zeroed), room);
    if (!room)
        return;
    for (size_t page = after; page < after + more; page++)
        model_zeroed &= !dirty[page];
    assert_int_equal(zeroed, model_zeroed);
    if (zeroed)
        check_zeros(superslab, after, more);
    set_used(after, more, true);
    check_released(superslab, after, more);
    run->pages += more;
    fill(superslab, run->first, run->pages);
}

/* UNIT: pages that are purged together. */
static void step_purge(struct superslab *superslab, size_t unit)
{
    size_t bytes = 0;
    for (size_t first = 0; first < pages_in_all; first += unit) {
        bool free = free_from(first) >= unit, touched = false;
        for (size_t page = first; free && page < first + unit; page++)
            touched |= resident[page];
        for (size_t page = first; touched && page < first + unit; page++) {
            resident[page] = false;
            released[page] = true;
            dirty[page] &= HAK_PROFILE(purge_policy) == HAK_PURGE_FREE;
        }
        bytes += touched ? unit * PAGE_BYTES : 0; /* a touched huge page is resident as a whole */
    }
    assert_int_equal(superslab_purgeable(superslab), bytes);
    assert_int_equal(superslab_purge(superslab), bytes);
    assert_int_equal(superslab_purgeable(superslab), 0);
}

static void random_life(size_t bytes, size_t unit, uint32_t seed)
{
    memset(used, 0, sizeof used);
    memset(dirty, 0, sizeof dirty);
    memset(resident, 0, sizeof resident);
    memset(released, 0, sizeof released);
    run_count = 0;
    struct superslab *superslab = superslab_map(bytes, SUPERSLAB_PLAIN, HAK_PROFILE(pages_huge) != HAK_HUGE_NEVER);
    assert_non_null(superslab);
    assert_int_equal((uintptr_t)superslab->base % bytes, 0);
    pages_in_all = bytes / PAGE_BYTES;
    for (int step = 0; step < 3000; step++) {
        uint32_t kind = random_next(&seed) % 16;
        if (kind < 5)
            step_take(superslab, &seed);
        else if (kind < 7)
            step_take_resident(superslab, &seed);
        else if (kind < 13)
            step_give(superslab, &seed);
        else if (kind < 15)
            step_extend(superslab, &seed);
        else
            step_purge(superslab, unit);
        assert_true(superslab->longest_run >= longest_free());
        assert_int_equal(superslab->retained_pages, retained());
    }
    while (run_count != 0)
        step_give(superslab, &seed);
    assert_int_equal(superslab->used_pages, 0);
    superslab_unmap(superslab);
}

static void small_pages(void **state)
{
    (void)state;
    hak_active_profile.pages_huge = HAK_HUGE_NEVER;
    for (uint32_t seed = 1; seed < 6; seed++)
        random_life(MIB / 4 << seed % 4, 1, seed);
}

static void purged_lazily(void **state)
{
    (void)state;
    hak_active_profile.purge_policy = HAK_PURGE_FREE;
    random_life(2 * MIB, 1, 7);
    hak_active_profile.purge_policy = HAK_PURGE_DONTNEED;
}

static void huge_pages_are_purged_whole(void **state)
{
    (void)state;
    size_t unit = os_huge_page_bytes() / PAGE_BYTES;
    hak_active_profile.pages_huge = HAK_HUGE_MADVISE;
    struct superslab *superslab = superslab_map(MIB, SUPERSLAB_PLAIN, HAK_PROFILE(pages_huge) != HAK_HUGE_NEVER);
    bool granted = superslab->huge;
    superslab_unmap(superslab);
    if (unit == 0 || unit * 4 > PAGES_MOST || !granted) {
        print_message("skipped: this kernel has no transparent huge pages\n");
        skip();
    }
    random_life(4 * unit * PAGE_BYTES, unit, 3);
    random_life(unit * PAGE_BYTES / 2, unit / 2, 4); /* smaller than a huge page: all or nothing */
    hak_active_profile.pages_huge = HAK_HUGE_NEVER;
}

/* What was broken up is purged by the page. */
static void broken_up_huge_pages_are_purged_in_parts(void **state)
{
    (void)state;
    size_t huge = os_huge_page_bytes();
    bool zeroed;
    hak_active_profile.pages_huge = HAK_HUGE_MADVISE;
    struct superslab *superslab =
        huge != 0 && huge / PAGE_BYTES <= PAGES_MOST ? superslab_map(huge, SUPERSLAB_PLAIN, true) : NULL;
    if (superslab == NULL || !superslab->huge) {
        print_message("skipped: this kernel has no transparent huge pages\n");
        skip();
    }
    char *kept = superslab_take(superslab, 1, PAGE_BYTES, &zeroed),
         *given = superslab_take(superslab, 2, PAGE_BYTES, &zeroed);
    memset(kept, 1, PAGE_BYTES);
    memset(given, 1, 2 * PAGE_BYTES);
    superslab_give(superslab, given, 2);
    assert_int_equal(superslab_purgeable(superslab), 0);
    superslab_break_up(superslab);
    assert_int_equal(superslab_purge(superslab), 2 * PAGE_BYTES);
    assert_int_equal(kept[PAGE_BYTES - 1], 1);
    assert_int_equal(given[0], 0);
    superslab_give(superslab, kept, 1);
    superslab_unmap(superslab);
    hak_active_profile.pages_huge = HAK_HUGE_NEVER;
}

/* One that served a small SuperSlab does not serve a large one. */
static void descriptors_are_large_enough(void **state)
{
    (void)state;
    bool zeroed;
    for (size_t bytes = MIB / 4; bytes <= 64 * MIB; bytes *= 2) {
        struct superslab *small = superslab_map(MIB / 4, SUPERSLAB_PLAIN, false),
                         *large = superslab_map(bytes, SUPERSLAB_AREA, false);
        assert_non_null(superslab_take(small, 1, PAGE_BYTES, &zeroed));
        assert_true(zeroed);
        assert_non_null(superslab_take(large, large->pages, PAGE_BYTES, &zeroed));
        assert_true(zeroed);
        superslab_give(large, large->base, large->pages);
        superslab_give(small, small->base, 1);
        superslab_unmap(large);
        superslab_unmap(small);
    }
}

/* MADV_COLLAPSE needs Linux 6.1 and may find no free huge page: then the refusal is counted. What was made is known to
 * be resident. */
static void huge_pages_made_at_once(void **state)
{
    (void)state;
    skip_in_emulator();
    struct superslab_counts before = superslab_counts;
    hak_active_profile.pages_huge = HAK_HUGE_ALWAYS;
    size_t bytes = os_huge_page_bytes() != 0 ? 2 * os_huge_page_bytes() : 2 * MIB;
    if (bytes / PAGE_BYTES > PAGES_MOST) {
        print_message("skipped: no SuperSlab holds two of this kernel's huge pages\n");
        skip();
    }
    struct superslab *superslab = superslab_map(bytes, SUPERSLAB_PLAIN, HAK_PROFILE(pages_huge) != HAK_HUGE_NEVER);
    assert_int_equal(superslab_counts.huge_page_requests, before.huge_page_requests + 1);
    if (superslab_counts.huge_page_refusals == before.huge_page_refusals) {
        assert_true(superslab->huge);
        assert_int_equal(os_resident(superslab->base, bytes), bytes);
        assert_int_equal(superslab_purge(superslab), bytes);
        assert_int_equal(os_resident(superslab->base, bytes), 0);
    } else {
        print_message("the kernel refused to collapse\n");
    }
    superslab_unmap(superslab);
    hak_active_profile.pages_huge = HAK_HUGE_NEVER;
}

static void reserved_huge_pages_fall_back(void **state)
{
    (void)state;
    hak_active_profile.pages_huge = HAK_HUGE_HUGETLB;
    for (int i = 0; i < 4; i++) {
        bool zeroed;
        struct superslab *superslab = superslab_map(
            MIB / 4, SUPERSLAB_PLAIN,
            HAK_PROFILE(pages_huge) != HAK_HUGE_NEVER); /* smaller than any huge page, so never from the pool */
        assert_false(superslab->fixed);
        char *run = superslab_take(superslab, 2, PAGE_BYTES, &zeroed);
        run[0] = run[2 * PAGE_BYTES - 1] = 1;
        superslab_give(superslab, run, 2);
        superslab_unmap(superslab);
        assert_int_equal(os_resident(run, 2 * PAGE_BYTES), 0);
    }
    hak_active_profile.pages_huge = HAK_HUGE_NEVER;
}

static void prefaulted(void **state)
{
    (void)state;
    skip_in_emulator();
    hak_active_profile.pages_prefault = HAK_PREFAULT_SUPERSLAB;
    struct superslab *superslab = superslab_map(MIB, SUPERSLAB_PLAIN, HAK_PROFILE(pages_huge) != HAK_HUGE_NEVER);
    assert_int_equal(os_resident(superslab->base, MIB), MIB);
    assert_int_equal(superslab_purge(superslab), MIB);
    assert_int_equal(os_resident(superslab->base, MIB), 0);
    superslab_unmap(superslab);
    hak_active_profile.pages_prefault = HAK_PREFAULT_NONE;
}

/* Runs lie anywhere, and all pages can be had. */
static void by_chance(void **state)
{
    (void)state;
    hak_active_profile.security_randomize = 1;
    struct superslab *superslab = superslab_map(4 * MIB, SUPERSLAB_PLAIN, false);
    size_t pages = 4 * MIB >> PAGE_SHIFT, ascending = 0;
    char *before = superslab->base;
    bool had[4 * MIB >> PAGE_SHIFT] = {false}, zeroed;
    for (size_t i = 0; i < pages; i++) {
        char *run = superslab_take(superslab, 1, PAGE_BYTES, &zeroed);
        assert_non_null(run);
        size_t page = (size_t)(run - superslab->base) >> PAGE_SHIFT;
        assert_false(had[page]);
        had[page] = true;
        ascending += run == before + PAGE_BYTES;
        before = run;
    }
    assert_true(ascending < pages * 3 / 4);
    assert_null(superslab_take(superslab, 1, PAGE_BYTES, &zeroed));
    for (size_t page = 0; page < pages; page++)
        superslab_give(superslab, superslab_page(superslab, page), 1);
    char *run = superslab_take_resident(superslab, pages, PAGE_BYTES, &zeroed);
    assert_ptr_equal(run, superslab->base);
    superslab_give(superslab, run, pages);
    superslab_unmap(superslab);
    hak_active_profile.security_randomize = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_pages),
        cmocka_unit_test(purged_lazily),
        cmocka_unit_test(huge_pages_are_purged_whole),
        cmocka_unit_test(broken_up_huge_pages_are_purged_in_parts),
        cmocka_unit_test(descriptors_are_large_enough),
        cmocka_unit_test(huge_pages_made_at_once),
        cmocka_unit_test(reserved_huge_pages_fall_back),
        cmocka_unit_test(prefaulted),
        cmocka_unit_test(by_chance),
    };
    return cmocka_run_group_tests(tests, start_os, NULL);
}
