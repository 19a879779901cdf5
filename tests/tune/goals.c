/* SPDX-License-Identifier: MIT */
/* What is best, on a simulated machine: the cost of planted profiles whose trade-offs are known, limits, the front. */
#include "config.h"

#include "cli/metric/goal.h"
#include "cli/report/session_words.h"
#include "cli/tune/session.h"
#include "cli/verbs/tune_files.h"
#include "lib/profile/load.h"
#include "tests/search_space/profile_space.h"
#include "tests/tune/recorded.h"
#include "tests/tune/simulated_race.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (1024.0 * 1024)
#define GIB (1024 * MIB)

static struct space space;

/* --- three planted profiles --------------------------------------------------------------------------------------- */

static bool is_fast(const struct hak_profile *profile)
{
    return profile->pages_huge == HAK_HUGE_MADVISE;
}

static bool is_small(const struct hak_profile *profile)
{
    return !is_fast(profile) && profile->thread_cache_max_objects <= 64;
}

static bool is_middling(const struct hak_profile *profile)
{
    return !is_fast(profile) && !is_small(profile) && profile->size_classes_spacing == 8;
}

/* A tenth faster for 60 % more memory; 1.5 % slower for 30 % less; 4 % faster for 5 % more. */
static double planted_speed(const struct hak_profile *profile)
{
    return is_fast(profile) ? 0.10 : is_small(profile) ? -0.015 : is_middling(profile) ? 0.04 : 0;
}

static double planted_memory(const struct hak_profile *profile)
{
    return is_fast(profile) ? -log(1.6) : is_small(profile) ? -log(0.7) : is_middling(profile) ? -log(1.05) : 0;
}

/* A session of a fresh simulation with the three, whose default has so many BYTES. */
static struct session_settings settings_for(uint64_t seed, double bytes)
{
    simulation_reset((unsigned long)seed);
    simulation.speed = planted_speed;
    simulation.memory = planted_memory;
    simulation.bytes = bytes;
    profile_space_init(&space, &simulated_machine);
    return (struct session_settings){.space = &space,
                                     .strategy = "local",
                                     .work = {.workload = "ws8192"},
                                     .seed = seed,
                                     .budget = 60,
                                     .clock = simulation_clock};
}

static bool winner_is(const struct session_outcome *outcome, enum goal_aim aim,
                      bool (*is_it)(const struct hak_profile *))
{
    const struct proof_finalist *winner = proof_winner(&outcome->proof, aim);
    struct hak_profile profile;
    if (!winner)
        return false;
    profile_of_point(&space, &winner->point, "winner", &profile);
    return is_it(&profile);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void words_of(const struct session_settings *settings, const struct session_outcome *outcome, char *text,
                     size_t size)
{
    struct session_record *record = recorded(settings, outcome);
    session_words_verdict(record, GOAL_RECOMMENDED, text, size);
    recorded_free(record);
}

/* A gigabyte that is saved is worth more than time, a mebibyte is not. */
static void cost_picks_by_the_price_of_memory(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 5; seed++) {
        struct session_settings settings = settings_for(seed, 1 * MIB);
        struct session_outcome outcome;
        char text[1024];
        session_run(&settings, &outcome);
        assert_int_equal(outcome.status, SESSION_DONE);
        assert_true(winner_is(&outcome, GOAL_RECOMMENDED, is_fast));
        words_of(&settings, &outcome, text, sizeof text);
        print_message("%s\n", text);
        assert_non_null(strstr(text, "% cheaper than the default"));
        assert_non_null(strstr(text, "CPU time -"));
        assert_non_null(strstr(text, "memory +60.0% of 1 MiB"));
        settings = settings_for(seed, 4 * GIB);
        session_run(&settings, &outcome);
        assert_int_equal(outcome.status, SESSION_DONE);
        assert_true(winner_is(&outcome, GOAL_RECOMMENDED, is_small));
        words_of(&settings, &outcome, text, sizeof text);
        print_message("%s\n", text);
        assert_non_null(strstr(text, "memory -30.0% of 4 GiB"));
        assert_true(outcome.seconds <= 1.1 * settings.budget);
    }
}

/* The price is the user's. */
static void core_worth_is_the_price(void **state)
{
    (void)state;
    struct session_settings settings = settings_for(3, 4 * GIB);
    struct session_outcome outcome;
    settings.goal.metrics.core_worth = 1024 * GIB;
    session_run(&settings, &outcome);
    assert_true(winner_is(&outcome, GOAL_RECOMMENDED, is_fast));
}

static void the_ends_of_the_front_are_proved_beside_it(void **state)
{
    (void)state;
    for (unsigned is_front = 0; is_front < 2; is_front++) {
        unsigned all = 0;
        for (unsigned seed = 1; seed <= 5; seed++) {
            struct session_settings settings = settings_for(seed, 1 * MIB);
            struct session_outcome outcome;
            settings.goal.is_front = is_front;
            session_run(&settings, &outcome);
            assert_int_equal(outcome.status, SESSION_DONE);
            assert_true(outcome.proof.pairs >= STATISTICS_LEAST_PAIRS);
            assert_true(outcome.seconds <= 1.1 * settings.budget);
            all += winner_is(&outcome, GOAL_RECOMMENDED, is_fast) && winner_is(&outcome, GOAL_FASTEST, is_fast) &&
                   winner_is(&outcome, GOAL_SMALLEST, is_small);
        }
        print_message("%u of 5 sessions have both ends\n", all);
        assert_true(all >= 4);
    }
}

/* The same limits hold for all that is saved: 10 % more memory leaves out the fastest of all. */
static void limits_hold_for_the_ends(void **state)
{
    (void)state;
    struct session_settings settings = settings_for(2, 1 * MIB);
    struct session_outcome outcome;
    settings.goal.is_front = true;
    goal_limit(&settings.goal, METRIC_PEAK_MEMORY, 10);
    goal_limit(&settings.goal, METRIC_TIME, 1);
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_DONE);
    assert_false(winner_is(&outcome, GOAL_RECOMMENDED, is_fast));
    assert_false(winner_is(&outcome, GOAL_FASTEST, is_fast));
    assert_false(winner_is(&outcome, GOAL_SMALLEST, is_small));
    assert_true(winner_is(&outcome, GOAL_FASTEST, is_middling));
}

/* One number that is wanted is one profile: nothing is spent on others. */
static void one_objective_has_no_ends(void **state)
{
    (void)state;
    struct session_settings settings = settings_for(1, 1 * MIB);
    struct session_outcome outcome;
    settings.goal.objective = METRIC_TIME;
    session_run(&settings, &outcome);
    assert_true(winner_is(&outcome, GOAL_RECOMMENDED, is_fast));
    assert_int_equal(outcome.proof.winner[GOAL_FASTEST], -1);
    assert_true(outcome.proof.count <= PROOF_MAX_OF_ONE_AIM);
    assert_int_equal(proof_tests(&outcome.proof), outcome.proof.count);
}

/* What the first run does not give ends the session before any candidate. */
static void a_metric_that_is_not_known_is_no_goal(void **state)
{
    (void)state;
    struct session_outcome outcome;
    struct session_settings settings = settings_for(1, 1 * MIB);
    settings.goal.objective = METRIC_LATENCY_P99;
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_NO_METRIC);
    assert_non_null(strstr(outcome.message, "latency-p99 is not known of a run"));
    assert_int_equal(outcome.trials, 0);
    settings = settings_for(1, 1 * MIB);
    settings.goal.metrics = (struct metric_set){.own = {{"rps", "([0-9]+)", true, METRIC_LAST}}, .own_count = 1};
    goal_limit(&settings.goal, METRIC_OWN, 5);
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_NO_METRIC);
    assert_non_null(strstr(outcome.message, "rps is not known"));
}

static bool is_there(const char *directory, const char *name)
{
    char path[256], message[HAK_PROFILE_MESSAGE_SIZE];
    struct hak_profile profile;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    bool loads = hak_profile_load_file(&profile, path, message, sizeof message);
    unlink(path);
    return loads;
}

/* Saves what a session with these SETTINGS found into DIRECTORY. */
static void run_and_save(const char *directory, const struct session_settings *settings)
{
    char output[128], message[1024];
    struct options options = {.output = output};
    struct session_outcome outcome;
    struct record_files saved = {.stays = NULL};
    struct progress progress;
    struct tune_files *files = calloc(1, sizeof *files);
    snprintf(output, sizeof output, "%s/p.yaml", directory);
    tune_files_name(files, &options, settings, &space.subject, "");
    assert_int_equal(tune_files_check(files, &space.subject, message, sizeof message), 0);
    session_run(settings, &outcome);
    progress_open(&progress, stderr, true);
    struct session_record *record = recorded(settings, &outcome);
    assert_true(tune_files_save(files, settings, record, &progress, &saved, message, sizeof message));
    assert_string_equal(saved.path[GOAL_RECOMMENDED], output);
    assert_non_null(strstr(saved.text[GOAL_RECOMMENDED], "profile_version: 1"));
    tune_files_clear(&saved);
    recorded_free(record);
    free(files);
}

static void each_end_has_a_file_unless_it_is_another(void **state)
{
    (void)state;
    char directory[] = "/tmp/hakmem-test.XXXXXX";
    assert_non_null(mkdtemp(directory));
    struct session_settings settings = settings_for(1, 1 * MIB);
    settings.goal.is_front = true;
    run_and_save(directory, &settings);
    assert_true(is_there(directory, "p.yaml") && is_there(directory, "p-smallest.yaml"));
    assert_false(is_there(directory, "p-fastest.yaml")); /* it is the recommended one */
    settings = settings_for(1, 1 * MIB);
    settings.goal.objective = METRIC_TIME;
    run_and_save(directory, &settings);
    assert_true(is_there(directory, "p.yaml"));
    assert_int_equal(rmdir(directory), 0);
}

static void usual_limits(void **state)
{
    (void)state;
    const struct goal cost = {.objective = METRIC_COST};
    struct goal given = {.objective = METRIC_TIME};
    assert_int_equal(goal_for(&cost, GOAL_RECOMMENDED).limit_count, 0);
    struct goal fastest = goal_for(&cost, GOAL_FASTEST), smallest = goal_for(&cost, GOAL_SMALLEST);
    assert_true(fastest.objective == METRIC_TIME && fastest.limits[0].metric == METRIC_PEAK_MEMORY &&
                fastest.limits[0].percent == 100);
    assert_true(smallest.objective == METRIC_PEAK_MEMORY && smallest.limits[0].metric == METRIC_TIME &&
                smallest.limits[0].percent == 5);
    struct goal faults = {.objective = METRIC_MINOR_FAULTS};
    faults = goal_for(&faults, GOAL_RECOMMENDED);
    assert_true(faults.limit_count == 2 && faults.limits[0].metric == METRIC_TIME &&
                faults.limits[1].metric == METRIC_PEAK_MEMORY);
    goal_limit(&given, METRIC_PEAK_MEMORY, GOAL_NO_LIMIT);
    given = goal_for(&given, GOAL_RECOMMENDED);
    assert_true(given.limit_count == 1 && isinf(goal_allowed(&given, &given.limits[0])));
    struct goal rates = {.metrics = {.own = {{"rps", "", true, METRIC_LAST}}, .own_count = 1}};
    goal_limit(&rates, METRIC_OWN, 10); /* a tenth less of what is better for being more */
    assert_true(goal_keeps(&rates, &rates.limits[0], log(0.91)) && !goal_keeps(&rates, &rates.limits[0], log(0.89)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cost_picks_by_the_price_of_memory),
        cmocka_unit_test(core_worth_is_the_price),
        cmocka_unit_test(the_ends_of_the_front_are_proved_beside_it),
        cmocka_unit_test(limits_hold_for_the_ends),
        cmocka_unit_test(one_objective_has_no_ends),
        cmocka_unit_test(a_metric_that_is_not_known_is_no_goal),
        cmocka_unit_test(each_end_has_a_file_unless_it_is_another),
        cmocka_unit_test(usual_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
