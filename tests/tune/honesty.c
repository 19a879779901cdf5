/* SPDX-License-Identifier: MIT */
/* Many simulated sessions of which it is known what is true: what may be claimed, what has to be found, and what may
 * not be saved. bench/honesty/honesty is the same with real processes. The seeds are fixed, so the outcome is. */
#include "config.h"

#include "cli/tune/session.h"
#include "tests/search_space/profile_space.h"
#include "tests/tune/simulated_race.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct space space;

/* A session of a fresh simulation, on a machine of its usual noise or beside a busy neighbour. */
static struct session_settings settings_for(uint64_t seed, bool has_neighbour)
{
    static char *const command[] = {(char *)"./program", NULL};
    simulation_reset((unsigned long)seed);
    simulation.blocks = 1;
    simulation.fixed = 0.25;
    simulation.block_noise = 0;
    simulation.run_noise = has_neighbour ? 0.01 : 0.004;
    simulation.stalls = has_neighbour ? 0.15 : 0;
    profile_space_init(&space, &usual_machine);
    return (struct session_settings){.space = &space,
                                     .goal = {.objective = METRIC_TIME},
                                     .strategy = "local",
                                     .work = {.command = command},
                                     .seed = seed,
                                     .budget = 60,
                                     .clock = simulation_clock};
}

/* The true worth of what a session would save. */
static double worth_of_winner(const struct session_outcome *outcome, double (*worth)(const struct hak_profile *))
{
    struct hak_profile profile;
    profile_of_point(&space, &proof_winner(&outcome->proof, GOAL_RECOMMENDED)->point, "winner", &profile);
    return worth(&profile);
}

static const struct statistics_interval *time_of_winner(const struct session_outcome *outcome)
{
    return &proof_winner(&outcome->proof, GOAL_RECOMMENDED)->figure[METRIC_TIME].gain;
}

static void where_nothing_differs_little_is_claimed(void **state)
{
    (void)state;
    const unsigned sessions = 40;
    unsigned claims = 0;
    for (unsigned i = 0; i < sessions; i++) {
        struct session_settings settings = settings_for(100 + i, i % 2);
        struct session_outcome outcome;
        session_run(&settings, &outcome);
        assert_string_equal(outcome.message, "");
        claims += outcome.proof.winner[GOAL_RECOMMENDED] >= 0;
    }
    print_message("%u of %u sessions claim a gain where there is none\n", claims, sessions);
    assert_true(claims <= 2);
}

static double two_percent(const struct hak_profile *profile)
{
    return profile->pages_huge == HAK_HUGE_MADVISE ? -log(0.98) : 0;
}

/* How many of 20 sessions find a gain of 2 %, and how many intervals of those hold it. */
static void find_two_percent(bool has_neighbour, unsigned *found, unsigned *held)
{
    *found = *held = 0;
    for (unsigned i = 0; i < 20; i++) {
        struct session_settings settings = settings_for(200 + i, has_neighbour);
        struct session_outcome outcome;
        simulation.speed = two_percent;
        session_run(&settings, &outcome);
        if (outcome.proof.winner[GOAL_RECOMMENDED] < 0)
            continue;
        double worth = worth_of_winner(&outcome, two_percent);
        *found += worth > 0;
        *held += time_of_winner(&outcome)->low <= worth && worth <= time_of_winner(&outcome)->high;
    }
    print_message("%u of 20 sessions find 2 %% %s, %u intervals hold it\n", *found,
                  has_neighbour ? "beside a neighbour" : "alone", *held);
}

static void a_small_gain_is_found(void **state)
{
    (void)state;
    unsigned found, held;
    find_two_percent(false, &found, &held);
    assert_true(found >= 18 && held >= 19);
}

/* A neighbour makes a run up to three times as long at times: what is found is not overstated. */
static void gains_are_not_overstated_in_noise(void **state)
{
    (void)state;
    unsigned found, held;
    find_two_percent(true, &found, &held);
    assert_true(found >= 5 && held + 1 >= found);
}

/* Smaller stacks save memory and cost time: two steps keep to a limit of 5 %, the third breaks it. */
static double steps(const struct hak_profile *profile)
{
    return fmax(0, 8 - log2((double)profile->thread_cache_max_objects));
}

static double steps_cost_time(const struct hak_profile *profile)
{
    return -0.02 * steps(profile);
}

static double steps_save_memory(const struct hak_profile *profile)
{
    return 0.05 * steps(profile);
}

static void no_limit_is_broken(void **state)
{
    (void)state;
    unsigned winners = 0, broken = 0;
    const unsigned sessions = 20;
    for (unsigned i = 0; i < sessions; i++) {
        struct session_settings settings = settings_for(300 + i, i % 2);
        struct session_outcome outcome;
        simulation.speed = steps_cost_time;
        simulation.memory = steps_save_memory;
        settings.goal = (struct goal){.objective = METRIC_PEAK_MEMORY};
        goal_limit(&settings.goal, METRIC_TIME, 5);
        session_run(&settings, &outcome);
        if (outcome.proof.winner[GOAL_RECOMMENDED] < 0)
            continue;
        winners++;
        broken += !goal_keeps(&settings.goal, &settings.goal.limits[0], worth_of_winner(&outcome, steps_cost_time));
    }
    print_message("%u of %u sessions save a winner, %u break the limit\n", winners, sessions, broken);
    assert_true(winners >= sessions / 3 && broken == 0);
}

/* A program that comes from the disk, or a busy moment: the next run shows that the budget suffices. */
static void a_slow_first_run_refuses_nothing(void **state)
{
    (void)state;
    struct session_settings settings = settings_for(500, false);
    struct session_outcome outcome;
    simulation.first_takes = 20;
    session_run(&settings, &outcome);
    assert_string_equal(outcome.message, "");
    settings = settings_for(500, false);
    simulation.fixed = 5; /* too long, and that is known at once */
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_TOO_SHORT);
    assert_true(outcome.seconds < 16);
}

/* Where runs are short there is time for many pairs: a quiet machine needs few, and a busy one gets what there is. */
static void pairs_go_on_in_noise(void **state)
{
    (void)state;
    size_t pairs[2];
    for (unsigned i = 0; i < 2; i++) {
        struct session_settings settings = settings_for(400, i == 1);
        struct session_outcome outcome;
        simulation.speed = two_percent;
        simulation.fixed = 0.01;
        simulation.run_noise = i == 1 ? 0.03 : 0.001;
        session_run(&settings, &outcome);
        pairs[i] = outcome.proof.pairs;
    }
    print_message("%zu pairs alone, %zu beside a neighbour\n", pairs[0], pairs[1]);
    assert_int_equal(pairs[0], PROOF_ENOUGH_PAIRS);
    assert_true(pairs[1] > 2 * PROOF_ENOUGH_PAIRS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_nothing_differs_little_is_claimed), cmocka_unit_test(a_small_gain_is_found),
        cmocka_unit_test(gains_are_not_overstated_in_noise),       cmocka_unit_test(no_limit_is_broken),
        cmocka_unit_test(a_slow_first_run_refuses_nothing),        cmocka_unit_test(pairs_go_on_in_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
