/* SPDX-License-Identifier: MIT */
/* See simulated_session.h. */
#include "config.h"

#include "tests/tune/simulated_session.h"

#include "tests/search_space/profile_space.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct space simulated_space;
char *const simulated_command[] = {(char *)"./server", (char *)"--bench", NULL};

struct session_settings simulated_settings(uint64_t seed)
{
    simulation_reset((unsigned long)seed);
    profile_space_init(&simulated_space, &simulated_machine);
    return (struct session_settings){.space = &simulated_space,
                                     .goal = {.objective = METRIC_TIME},
                                     .strategy = "local",
                                     .work = {.workload = "ws8192"},
                                     .seed = seed,
                                     .budget = 60,
                                     .clock = simulation_clock};
}

double large_set_speed(const struct hak_profile *profile)
{
    double huge = profile->pages_huge == HAK_HUGE_MADVISE ? 0.08 : 0;
    double caches = 0.01 * (fmin(fmax(log2((double)profile->thread_cache_max_objects), 5), 11) - 8);
    double superslab = profile->superslab_size >= (8u << 20) ? 0.02 : 0;
    return huge + caches + superslab - (profile->pages_prefault != HAK_PREFAULT_DENSE ? 0.03 : 0);
}

struct hak_profile simulated_winner(const struct session_outcome *outcome)
{
    struct hak_profile profile;
    assert_true(outcome->proof.winner[GOAL_RECOMMENDED] >= 0);
    profile_of_point(&simulated_space, &proof_winner(&outcome->proof, GOAL_RECOMMENDED)->point, "winner", &profile);
    return profile;
}

void within_budget(const struct session_outcome *outcome, double budget)
{
    print_message("%u candidates, %zu pairs, %.1f s of %.0f s\n", outcome->trials, outcome->proof.pairs,
                  outcome->seconds, budget);
    assert_true(outcome->seconds <= 1.1 * budget);
}
