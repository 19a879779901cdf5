/* SPDX-License-Identifier: MIT */
/* Unit tests of cli/race/blocks: blocks from fabricated progress pages. */
#include "config.h"

#include "cli/race/blocks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct blocks_turns no_waits;

/* A page with THREADS rows that have passed REACHED milestones; thread i takes (i + 1) * 1 ms for each, from 5 ms on.
 */
static struct bench_progress *make_page(uint32_t threads, uint32_t reached)
{
    struct bench_progress *page = aligned_alloc(_Alignof(struct bench_progress), sizeof *page);
    assert_non_null(page);
    *page = (struct bench_progress){.magic = BENCH_PROGRESS_MAGIC};
    page->threads = threads;
    for (uint32_t i = 0; i < threads && i < BENCH_PROGRESS_THREADS; i++) {
        page->thread[i].reached = reached;
        for (uint32_t m = 0; m <= BENCH_PROGRESS_MILESTONES; m++)
            page->thread[i].active_ns[m] = 5000000 + (uint64_t)m * (i + 1) * 1000000;
    }
    return page;
}

static void milestones_are_those_of_the_slowest_thread(void **state)
{
    (void)state;
    struct bench_progress *page = make_page(3, 200);
    page->thread[1].reached = 150;
    assert_int_equal(blocks_milestones(page), 150);
    page->threads = 0;
    assert_int_equal(blocks_milestones(page), 0);
    free(page);
}

static void nonsense_in_the_page_is_bounded(void **state)
{
    (void)state;
    struct bench_progress *page = make_page(64, 4000000000u);
    page->threads = 4000000000u;
    assert_int_equal(blocks_milestones(page), BENCH_PROGRESS_MILESTONES);
    free(page);
}

static void blocks_are_the_mean_over_threads(void **state)
{
    (void)state;
    struct bench_progress *page = make_page(3, 400);
    double block[40];
    assert_int_equal(blocks_fill(page, &no_waits, 400, 40, block), 0);
    for (int i = 0; i < 40; i++)
        assert_true(fabs(block[i] - 0.020) < 1e-12); /* ten milestones of 1, 2 and 3 ms */
    free(page);
}

static void blocks_add_up_to_the_whole(void **state)
{
    (void)state;
    struct bench_progress *page = make_page(1, 397);
    double block[40], sum = 0;
    assert_int_equal(blocks_fill(page, &no_waits, 397, 37, block), 0);
    for (int i = 0; i < 37; i++)
        sum += block[i];
    assert_true(fabs(sum - 0.397) < 1e-9);
    free(page);
}

static void times_that_run_backwards_are_refused(void **state)
{
    (void)state;
    struct bench_progress *page = make_page(2, 400);
    double block[4];
    page->thread[1].active_ns[200] = 0;
    assert_int_equal(blocks_fill(page, &no_waits, 400, 4, block), -1);
    free(page);
}

static void waiting_is_taken_out(void **state)
{
    (void)state;
    struct bench_progress *page = make_page(1, 400); /* milestones at 5, 6, 7 ... 405 ms */
    struct blocks_turns turns = {0};
    assert_int_equal(blocks_turns_add(&turns, 5000000, 0), 0);
    for (uint64_t end = 15; end <= 405; end += 10)
        assert_int_equal(blocks_turns_add(&turns, end * 1000000, end == 25 ? 5000000 : 0),
                         0); /* half of the turn from 15 to 25 ms */
    double block[40];
    assert_int_equal(blocks_fill(page, &turns, 400, 40, block), 0);
    for (int i = 0; i < 40; i++)
        assert_true(fabs(block[i] - (i == 1 ? 0.005 : 0.010)) < 1e-12);
    assert_int_equal(blocks_time_ns(page, &turns, 15),
                     17500000); /* in the middle of that turn: half of the wait is over */
    free(turns.list);
    free(page);
}

static void blocks_hold_several_slices(void **state)
{
    (void)state;
    const uint64_t slice = 8000000;
    assert_int_equal(blocks_count(400, 10000000000, slice), BLOCKS_MAX);
    assert_int_equal(blocks_count(400, 10 * BLOCKS_SLICES_PER_BLOCK * slice, slice), 10);
    assert_int_equal(blocks_count(400, 1000, slice), 1);
    assert_int_equal(blocks_count(7, 10000000000, slice), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(milestones_are_those_of_the_slowest_thread),
        cmocka_unit_test(nonsense_in_the_page_is_bounded),
        cmocka_unit_test(blocks_are_the_mean_over_threads),
        cmocka_unit_test(blocks_add_up_to_the_whole),
        cmocka_unit_test(times_that_run_backwards_are_refused),
        cmocka_unit_test(waiting_is_taken_out),
        cmocka_unit_test(blocks_hold_several_slices),
    };
    return cmocka_run_group_tests_name("blocks", tests, NULL, NULL);
}
