/* SPDX-License-Identifier: MIT */
/* Huge pages for SuperSlabs that are filled: however late that is, one by one, and never by copying pages that parent
 * and child of a fork share. */
#include "lib/profile/active.h"
#include "lib/space/pool_state.h"
#include "lib/space/purge_clock.h"
#include "lib/space/superslab.h"
#include "tests/space/pool.h"

#define SUPERSLABS 8u
#define SLABS_MOST (SUPERSLABS * 64)

static struct page_run slabs[SLABS_MOST];

static size_t slabs_of_a_superslab(void)
{
    return HAK_PROFILE(superslab_size) >> PAGE_SHIFT;
}

static void take_superslabs(void)
{
    for (size_t i = 0; i < SUPERSLABS * slabs_of_a_superslab(); i++)
        CHILD_CHECK(take_slab(1, &slabs[i]));
    CHILD_CHECK(counted().superslabs == SUPERSLABS);
}

static void fill(size_t superslab)
{
    for (size_t i = 0; i < slabs_of_a_superslab(); i++) {
        const struct page_run *slab = &slabs[superslab * slabs_of_a_superslab() + i];
        *slab->base = 1;
        superslab_note_filled(slab->superslab, 1);
    }
}

static size_t huge_ones(void)
{
    size_t found = 0;
    for (size_t i = 0; i < SUPERSLABS; i++)
        found += slabs[i * slabs_of_a_superslab()].superslab->huge;
    return found;
}

/* Ticks until so many SuperSlabs are huge, or for MILLISECONDS. */
static size_t wait_for(size_t wanted, unsigned milliseconds)
{
    for (unsigned i = 0; i < milliseconds && huge_ones() < wanted; i++) {
        usleep(1000);
        tick();
    }
    return huge_ones();
}

static void filled_late_in_child(void)
{
    take_superslabs();
    CHILD_CHECK(wait_for(1, 300) == 0); /* nothing is filled */
    for (size_t i = 0; i < 3; i++)
        fill(i);
    CHILD_CHECK(wait_for(3, 20000) == 3);
    CHILD_CHECK(wait_for(4, 100) == 3);
    fill(7);
    CHILD_CHECK(wait_for(4, 20000) == 4);
}

static void shared_in_child(void)
{
    take_superslabs();
    for (size_t i = 0; i < SUPERSLABS; i++)
        fill(i);
    superslab_note_fork();
    CHILD_CHECK(wait_for(1, 300) == 0);
    struct page_run more[64];
    for (size_t i = 0; i < slabs_of_a_superslab(); i++) { /* mapped after the fork */
        CHILD_CHECK(take_slab(1, &more[i]));
        superslab_note_filled(more[i].superslab, 1);
    }
    for (unsigned i = 0; i < 20000 && !more[0].superslab->huge; i++) {
        usleep(1000);
        tick();
    }
    CHILD_CHECK(more[0].superslab->huge && huge_ones() == 0);
}

/* Where most of a slab is freed its huge page is broken up, and no other is made for a second. */
static void broken_up_in_child(void)
{
    take_superslabs();
    fill(0);
    CHILD_CHECK(wait_for(1, 20000) == 1);
    CHILD_CHECK(!pool_may_purge_parts(slabs[0].superslab, false));
    CHILD_CHECK(pool_may_purge_parts(slabs[0].superslab, true));
    uint64_t begun = purge_clock();
    fill(1);
    CHILD_CHECK(wait_for(1, 20000) == 1);
    CHILD_CHECK(purge_clock() - begun >= 1000);
}

static bool kernel_collapses(void)
{
    size_t bytes = os_huge_page_bytes();
    if (bytes == 0 || bytes > HAK_PROFILE(superslab_size) || slabs_of_a_superslab() > 64 ||
        os_huge_pages_are_switched_off())
        return false;
    char *memory = os_map_aligned(bytes, bytes);
    assert_non_null(memory);
    for (size_t i = 0; i < bytes; i += os_page_bytes)
        memory[i] = 1;
    bool done = os_collapse(memory, bytes);
    os_unmap(memory, bytes);
    return done;
}

static void check(void (*body)(void))
{
    if (!kernel_collapses()) {
        print_message("skipped: no SuperSlab holds one of this kernel's huge pages, or it makes none when asked\n");
        skip();
    }
    nothing_mapped();
    hak_active_profile.pages_huge = HAK_HUGE_AUTO;
    assert_child_passes(body);
}

static void slabs_that_fill_late_get_huge_pages(void **state)
{
    (void)state;
    check(filled_late_in_child);
}

static void pages_of_before_a_fork_are_not_copied(void **state)
{
    (void)state;
    check(shared_in_child);
}

static void none_is_made_where_they_are_broken_up(void **state)
{
    (void)state;
    check(broken_up_in_child);
}

static void a_slow_one_is_not_followed_soon(void **state)
{
    (void)state;
    assert_int_equal(pool_collapse_pause(0), 16);
    assert_int_equal(pool_collapse_pause(500), 16);
    assert_int_equal(pool_collapse_pause(4000), 96);
    assert_int_equal(pool_collapse_pause(400000), 9600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slabs_that_fill_late_get_huge_pages),
        cmocka_unit_test(pages_of_before_a_fork_are_not_copied),
        cmocka_unit_test(none_is_made_where_they_are_broken_up),
        cmocka_unit_test(a_slow_one_is_not_followed_soon),
    };
    return cmocka_run_group_tests(tests, start_os, NULL);
}
