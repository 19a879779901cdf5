/* SPDX-License-Identifier: MIT */
/* From the runs of a proof to its winners. */
#include "config.h"

#include "cli/tune/verdict.h"

#include "tests/search_space/profile_space.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PAIRS 20

static struct space space;

/* A proof of two finalists: the first has CHANGES changes and stands for the cost, the second one more, and stands for
 * the end of the front AIM. */
struct two {
    struct proof proof;
    struct candidate candidates[2];
    enum goal_aim aim;
};

static void change(struct space_point *point, size_t changes)
{
    *point = space_default(&space);
    for (size_t i = 0; i < changes; i++)
        point->level[i] = point->level[i] == 0 ? 1 : 0;
}

static void set_up(struct two *two, enum goal_aim aim, size_t changes)
{
    profile_space_init(&space, &usual_machine);
    memset(two, 0, sizeof *two);
    two->aim = aim;
    two->proof.count = 2;
    change(&two->proof.finalists[0].point, changes);
    change(&two->proof.finalists[1].point, 2);
    two->proof.finalists[0].test[GOAL_RECOMMENDED].is_held = true;
    two->proof.finalists[1].test[aim].is_held = true;
    for (unsigned i = 0; i < 2; i++)
        candidate_init(&two->candidates[i], i + 1, &two->proof.finalists[i].point);
}

/* Runs that are better by so much in each (logarithms), give or take a percent. */
static void add_runs(struct candidate *candidate, double time, double memory)
{
    for (int i = 0; i < PAIRS; i++) {
        struct candidate_run run = {.gain = metric_unknown(), .own = metric_unknown()};
        double noise = 0.01 * (i % 2 ? 1 : -1) * (i % 5) / 4;
        run.gain.value[METRIC_TIME] = run.gain.value[METRIC_COST] = run.gain.value[METRIC_CPU_TIME] = time + noise;
        run.gain.value[METRIC_PEAK_MEMORY] = run.gain.value[METRIC_MEAN_MEMORY] = memory;
        candidate_add_run(candidate, &run);
    }
}

static void reach(struct two *two)
{
    struct goal goals[GOAL_AIMS];
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++)
        goals[aim] = goal_for(&(struct goal){.objective = METRIC_COST}, aim);
    verdict_reach(&two->proof, two->candidates, goals, &space);
    for (size_t i = 0; i < 2; i++)
        candidate_clear(&two->candidates[i]);
}

/* Two that are as fast as each other are one profile: the one with fewer changes. */
static void the_recommended_one_is_the_fastest_where_it_may_be(void **state)
{
    (void)state;
    struct two two;
    set_up(&two, GOAL_FASTEST, 1);
    add_runs(&two.candidates[0], 0.100, 0);
    add_runs(&two.candidates[1], 0.101, 0);
    reach(&two);
    assert_int_equal(two.proof.winner[GOAL_RECOMMENDED], 0);
    assert_int_equal(two.proof.winner[GOAL_FASTEST], 0);
    assert_true(two.proof.finalists[0].test[GOAL_FASTEST].better);
    assert_true(two.proof.finalists[0].test[GOAL_FASTEST].p_value > 0);
    assert_int_equal(proof_tests(&two.proof), 2);
}

static void one_that_is_faster_still_has_a_profile_of_its_own(void **state)
{
    (void)state;
    struct two two;
    set_up(&two, GOAL_FASTEST, 1);
    add_runs(&two.candidates[0], 0.10, 0);
    add_runs(&two.candidates[1], 0.15, 0);
    reach(&two);
    assert_int_equal(two.proof.winner[GOAL_RECOMMENDED], 0);
    assert_int_equal(two.proof.winner[GOAL_FASTEST], 1);
}

static void with_more_changes_it_has_to_be_faster(void **state)
{
    (void)state;
    struct two two;
    set_up(&two, GOAL_FASTEST, 3);
    add_runs(&two.candidates[0], 0.100, 0);
    add_runs(&two.candidates[1], 0.101, 0);
    reach(&two);
    assert_int_equal(two.proof.winner[GOAL_FASTEST], 1);
    set_up(&two, GOAL_FASTEST, 3);
    add_runs(&two.candidates[0], 0.102, 0);
    add_runs(&two.candidates[1], 0.101, 0);
    reach(&two);
    assert_int_equal(two.proof.winner[GOAL_FASTEST], 0);
}

/* It is not said that nothing is better in what the recommended one is proved to be better in. */
static void the_recommended_one_stands_where_no_other_is_better(void **state)
{
    (void)state;
    struct two two;
    set_up(&two, GOAL_FASTEST, 1);
    add_runs(&two.candidates[0], 0.1, 0);
    add_runs(&two.candidates[1], 0, 0);
    reach(&two);
    assert_int_equal(two.proof.winner[GOAL_FASTEST], 0);
    set_up(&two, GOAL_SMALLEST, 1);
    add_runs(&two.candidates[0], 0.1, 0);
    add_runs(&two.candidates[1], 0.1, 0);
    reach(&two);
    assert_int_equal(two.proof.winner[GOAL_RECOMMENDED], 0);
    assert_int_equal(two.proof.winner[GOAL_SMALLEST], -1);
    assert_int_equal(two.proof.winner[GOAL_FASTEST], -1); /* nobody stands for it */
}

/* The fastest may not take more than twice the memory. */
static void an_end_has_limits_of_its_own(void **state)
{
    (void)state;
    struct two two;
    set_up(&two, GOAL_FASTEST, 1);
    add_runs(&two.candidates[0], 0.2, -1);
    add_runs(&two.candidates[1], 0.1, 0);
    reach(&two);
    assert_int_equal(two.proof.winner[GOAL_RECOMMENDED], 0);
    assert_int_equal(two.proof.winner[GOAL_FASTEST], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_recommended_one_is_the_fastest_where_it_may_be),
        cmocka_unit_test(one_that_is_faster_still_has_a_profile_of_its_own),
        cmocka_unit_test(with_more_changes_it_has_to_be_faster),
        cmocka_unit_test(the_recommended_one_stands_where_no_other_is_better),
        cmocka_unit_test(an_end_has_limits_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
