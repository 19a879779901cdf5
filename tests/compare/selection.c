/* SPDX-License-Identifier: MIT */
/* Which allocator, on a simulated machine: what is tuned in which order, what is left out, what is recommended, and
 * that the budget is kept. */
#include "config.h"

#include "cli/compare/selection.h"

#include "cli/compare/significance.h"
#include "cli/output/memory.h"
#include "cli/report/selection_words.h"
#include "tests/tune/simulated_race.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* An allocator of the simulated machine. */
struct planted {
    const char *name;
    double speed; /* log gain over the first, as it comes */
    double tuned; /* log gain of its tuned settings over that; 0: tuning proves nothing */
    bool fails;   /* the work does not run with it */
    bool hangs;
    bool is_untunable;
};

static const struct planted *planted;
static size_t planted_count;

/* What was done, in order: "first jemalloc glibc last". */
static char story[512];
static double session_seconds[SELECTION_MOST];

static const struct planted *planted_of(const struct launch *launch)
{
    for (size_t i = 0; i < planted_count; i++)
        if (launch->library && strcmp(launch->library, planted[i].name) == 0)
            return &planted[i];
    return NULL;
}

static bool is_tuned(const struct launch *launch)
{
    return launch->environment && launch->environment[0] && strcmp(launch->environment[0], "TUNED=1") == 0;
}

static double speed_of(const struct launch *launch)
{
    const struct planted *own = planted_of(launch);
    return own ? own->speed + (is_tuned(launch) ? own->tuned : 0) : 0;
}

static enum race_status fate_of(const struct launch *launch)
{
    const struct planted *own = planted_of(launch);
    return own && own->fails ? RACE_FAILED : own && own->hangs ? RACE_HUNG : RACE_OK;
}

static int tune(void *context, size_t index, double seconds, struct selection_tuning *tuning)
{
    (void)context;
    const struct planted *own = &planted[index];
    simulation.now += isfinite(seconds) ? seconds : 100;
    session_seconds[index] = seconds;
    tuning->failed = own->is_untunable;
    tuning->is_better = own->tuned > 0 && !own->is_untunable;
    snprintf(tuning->why, sizeof tuning->why, "%s", own->is_untunable ? "its settings are refused" : "");
    if (!tuning->is_better)
        return 0;
    tuning->gain = own->tuned;
    tuning->gain_low = 0.8 * own->tuned;
    tuning->contender =
        (struct contender){.label = must_format("%s, tuned", own->name), .library = must_have(strdup(own->name))};
    launch_set(&tuning->contender.environment, "TUNED", "1");
    return 0;
}

static void hear(void *context, enum selection_stage stage, size_t index, double seconds)
{
    (void)context;
    (void)seconds;
    size_t used = strlen(story);
    snprintf(story + used, sizeof story - used, "%s%s", used ? " " : "",
             stage == SELECTION_FIRST_RACE ? "first"
             : stage == SELECTION_TUNING   ? planted[index].name
                                           : "last");
}

static int (*recalls)(void *, size_t, bool *, struct selection_tuning *);

/* A selection among PLANTED with runs of a second, in a fresh simulation. */
static struct selection *run_selection(const struct planted *list, size_t count, double budget, const struct goal *goal)
{
    static char *const command[] = {(char *)"./program", NULL};
    struct contender contenders[SELECTION_MOST];
    const char *names[SELECTION_MOST];
    planted = list;
    planted_count = count;
    story[0] = '\0';
    memset(session_seconds, 0, sizeof session_seconds);
    simulation.blocks = 1;
    simulation.block_noise = 0;
    simulation.fixed = 1;
    simulation.launch_speed = speed_of;
    simulation.launch_fate = fate_of;
    for (size_t i = 0; i < count; i++) {
        names[i] = list[i].name;
        contenders[i] =
            (struct contender){.label = must_have(strdup(list[i].name)), .library = must_have(strdup(list[i].name))};
    }
    const struct selection_request request = {
        .race = {.name = "program",
                 .work = {.command = command},
                 .metric = goal->objective,
                 .metrics = &goal->metrics,
                 .clock = simulation_clock},
        .goal = goal,
        .contenders = contenders,
        .names = names,
        .count = count,
        .budget = budget,
        .begun = simulation.now,
        .run_seconds = 1.05,
        .first_seed = 1,
        .last_seed = 1001,
        .recall = recalls,
        .tune = tune,
        .tell = hear,
    };
    struct selection *selection = must_have(calloc(1, sizeof *selection));
    assert_int_equal(selection_run(&request, selection), 0);
    print_message("%s: %u rounds, %.0f of %.0f s, for all %.0f s\n", story, selection->race.rounds,
                  simulation.now - SIMULATION_START, budget, selection->whole_budget);
    return selection;
}

static void end(struct selection *selection)
{
    selection_clear(selection);
    free(selection);
}

static const struct goal for_time = {.objective = METRIC_TIME};

static const char *recommended(const struct selection *selection)
{
    return selection->race.entries[selection->recommendation.best].label;
}

static const struct planted five[] = {
    {.name = "glibc", .tuned = 0.02},
    {.name = "hakmem", .speed = 0.10, .tuned = 0.03},
    {.name = "jemalloc", .speed = 0.08, .tuned = 0.09},
    {.name = "mimalloc", .speed = -0.10},
    {.name = "tcmalloc", .speed = 0.02},
};
#define FIVE (sizeof five / sizeof *five)

static void with_time_all_are_tuned(void **state)
{
    (void)state;
    simulation_reset(1);
    struct selection *selection = run_selection(five, FIVE, 3000, &for_time);
    assert_string_equal(story, "first hakmem jemalloc tcmalloc glibc mimalloc last");
    assert_true(selection->whole_budget == 0);
    assert_int_equal(selection->recommendation.kind, RECOMMEND_BETTER);
    assert_string_equal(recommended(selection), "jemalloc, tuned");
    assert_int_equal(selection->allocators[2].fate, SELECTION_TUNED);
    assert_int_equal(selection->allocators[3].fate, SELECTION_NOT_BETTER);
    /* Each is beside what it comes as. */
    assert_int_equal(selection->race.count, FIVE + 3);
    assert_string_equal(selection->race.entries[0].label, "glibc");
    assert_string_equal(selection->race.entries[1].label, "glibc, tuned");
    assert_int_equal(selection->allocators[1].tuned, 3);
    assert_string_equal(selection->race.entries[3].label, "hakmem, tuned");
    end(selection);
}

/* Those that are far behind have the time that the others leave. */
static void with_less_time_the_best_are_tuned(void **state)
{
    (void)state;
    simulation_reset(2);
    struct selection *selection = run_selection(five, FIVE, 480, &for_time);
    assert_string_equal(story, "first hakmem jemalloc last");
    assert_string_equal(recommended(selection), "jemalloc, tuned");
    assert_int_equal(selection->allocators[3].fate, SELECTION_LEFT);
    assert_true(selection->allocators[3].is_behind);
    assert_true(selection->whole_budget > 480);
    end(selection);
}

/* More than what did not, and what tuning brought then does not count. */
static void the_budget_that_is_told_suffices(void **state)
{
    (void)state;
    unsigned told = 0;
    for (unsigned seed = 1; seed <= 6; seed++) {
        for (double budget = 250; budget < 800; budget += 60) {
            simulation_reset(seed);
            struct selection *selection = run_selection(five, FIVE, budget, &for_time);
            double whole = selection->whole_budget;
            end(selection);
            if (whole == 0)
                continue;
            told++;
            assert_true(whole > budget);
            simulation_reset(seed);
            selection = run_selection(five, FIVE, 1.05 * whole, &for_time);
            for (size_t i = 0; i < FIVE; i++)
                assert_int_not_equal(selection->allocators[i].fate, SELECTION_LEFT);
            end(selection);
        }
    }
    print_message("%u budgets told\n", told);
    assert_true(told > 20);
}

/* The race is what all are asked about first: without time for a session it has all of it. */
static void with_little_time_all_race(void **state)
{
    (void)state;
    simulation_reset(4);
    struct selection *selection = run_selection(five, FIVE, 90, &for_time);
    assert_string_equal(story, "first");
    assert_true(selection->was_first);
    assert_true(selection->race.rounds >= 14);
    assert_int_equal(selection->recommendation.kind, RECOMMEND_BETTER);
    assert_string_equal(recommended(selection), "hakmem");
    assert_true(selection->whole_budget > 90);
    end(selection);
}

static void too_little_time_says_how_much_would_do(void **state)
{
    (void)state;
    simulation_reset(5);
    struct selection *selection = run_selection(five, FIVE, 20, &for_time);
    assert_int_equal(selection->recommendation.kind, RECOMMEND_TOO_FEW);
    assert_true(selection->telling_budget > 20);
    double telling = selection->telling_budget;
    end(selection);
    simulation_reset(5);
    selection = run_selection(five, FIVE, 1.1 * telling, &for_time);
    assert_int_equal(selection->recommendation.kind, RECOMMEND_BETTER);
    end(selection);
}

/* Of budgets of all sizes none is passed by more than 5 % and a run, whatever the noise. */
static void budgets_are_kept(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 40; seed++) {
        double budget = 30 + 25 * seed;
        simulation_reset(seed);
        simulation.run_noise = seed % 2 ? 0.05 : 0.005;
        end(run_selection(five, FIVE, budget, &for_time));
        assert_true(simulation.now - SIMULATION_START <= 1.05 * budget + 1.5);
    }
}

static const struct planted equal[] = {
    {.name = "glibc"}, {.name = "hakmem"}, {.name = "jemalloc"}, {.name = "mimalloc"}};
#define EQUAL (sizeof equal / sizeof *equal)

/* Of 40 selections among equals at most two recommend another than the first. */
static void equals_are_told_to_be_equal(void **state)
{
    (void)state;
    unsigned claims = 0, unclear = 0;
    for (unsigned seed = 1; seed <= 40; seed++) {
        simulation_reset(100 + seed);
        struct selection *selection = run_selection(equal, EQUAL, 300, &for_time);
        claims += selection->recommendation.kind == RECOMMEND_BETTER;
        unclear += selection->recommendation.kind == RECOMMEND_UNCLEAR;
        end(selection);
    }
    print_message("%u of 40 claim a difference where there is none, %u cannot tell\n", claims, unclear);
    assert_true(claims <= 2);
    assert_true(unclear < 40);
}

static void what_fails_is_left_out(void **state)
{
    (void)state;
    static const struct planted list[] = {{.name = "glibc"},
                                          {.name = "breaks", .fails = true},
                                          {.name = "jemalloc", .speed = 0.2, .is_untunable = true},
                                          {.name = "hangs", .hangs = true}};
    simulation_reset(6);
    struct selection *selection = run_selection(list, 4, 600, &for_time);
    assert_string_equal(story, "first jemalloc glibc last");
    assert_int_equal(selection->allocators[1].fate, SELECTION_FAILED);
    assert_non_null(strstr(selection->allocators[1].why, "simulated failure"));
    assert_int_equal(selection->allocators[2].fate, SELECTION_NOT_TUNED);
    assert_int_equal(selection->allocators[3].fate, SELECTION_FAILED);
    assert_int_equal(selection->race.count, 2);
    assert_string_equal(recommended(selection), "jemalloc");
    end(selection);
}

/* Where the work runs with the first alone, its own settings may still be found. */
static void one_alone_is_tuned(void **state)
{
    (void)state;
    static const struct planted list[] = {{.name = "glibc", .tuned = 0.1}, {.name = "breaks", .fails = true}};
    simulation_reset(9);
    struct selection *selection = run_selection(list, 2, 200, &for_time);
    assert_string_equal(story, "first glibc last");
    assert_string_equal(recommended(selection), "glibc, tuned");
    end(selection);
    static const struct planted none[] = {{.name = "glibc"}, {.name = "breaks", .fails = true}};
    simulation_reset(9);
    selection = run_selection(none, 2, 200, &for_time);
    assert_string_equal(story, "first glibc");
    assert_int_equal(selection->race.rounds, 0);
    end(selection);
}

/* What an earlier run has found costs no time. */
static int recall(void *context, size_t index, bool *known, struct selection_tuning *tuning)
{
    (void)context;
    *known = index == 2;
    if (!*known)
        return 0;
    double now = simulation.now;
    int status = tune(context, index, 0, tuning);
    simulation.now = now;
    return status;
}

static void what_is_known_is_not_tuned_again(void **state)
{
    (void)state;
    simulation_reset(10);
    recalls = recall;
    struct selection *selection = run_selection(five, FIVE, 300, &for_time);
    recalls = NULL;
    assert_null(strstr(story, "jemalloc"));
    assert_int_equal(selection->allocators[2].fate, SELECTION_TUNED);
    assert_string_equal(recommended(selection), "jemalloc, tuned");
    end(selection);
}

/* Twice as fast, at three times the memory. */
static double memory_of(const struct launch *launch)
{
    return launch->library && strcmp(launch->library, "greedy") == 0 ? -log(3) : 0;
}

static void limits_hold(void **state)
{
    (void)state;
    static const struct planted list[] = {
        {.name = "glibc"}, {.name = "greedy", .speed = 0.69}, {.name = "modest", .speed = 0.1}};
    struct goal goal = for_time;
    assert_true(goal_limit(&goal, METRIC_PEAK_MEMORY, 50));
    simulation_reset(7);
    simulation.launch_memory = memory_of;
    struct selection *selection = run_selection(list, 3, 120, &goal);
    assert_string_equal(recommended(selection), "modest");
    end(selection);
    simulation_reset(7);
    simulation.launch_memory = memory_of;
    selection = run_selection(list, 3, 120, &for_time);
    assert_string_equal(recommended(selection), "greedy");
    end(selection);
}

static void without_a_budget_all_are_tuned(void **state)
{
    (void)state;
    simulation_reset(8);
    struct selection *selection = run_selection(five, FIVE, INFINITY, &for_time);
    assert_string_equal(story, "first hakmem jemalloc tcmalloc glibc mimalloc last");
    assert_true(isinf(session_seconds[0]));
    assert_true(selection->race.rounds >= 10);
    end(selection);
}

/* A hand-made figure of time: SPEED times the first's, +-HALF. */
static struct comparison_entry entry_of(const char *label, double speed, double half)
{
    struct comparison_entry entry = {.label = label, .seconds = 1, .has_interval = true, .ratio = speed};
    entry.low = speed - half;
    entry.high = speed + half;
    entry.p_value = 0.001;
    entry.figure[METRIC_TIME] =
        (struct comparison_figure){.has_interval = true, .ratio = speed, .low = entry.low, .high = entry.high};
    return entry;
}

/* The surest gain is recommended, and where another's mean is larger that is said. */
static void the_surest_is_recommended(void **state)
{
    (void)state;
    struct comparison race = {.metric = METRIC_TIME, .metrics = &for_time.metrics, .rounds = 20, .count = 4};
    race.entries[0] = (struct comparison_entry){.label = "glibc", .seconds = 1, .ratio = 1};
    race.entries[1] = entry_of("sure", 1.05, 0.01);
    race.entries[2] = entry_of("large", 1.06, 0.03);
    race.entries[3] = entry_of("larger", 1.07, 0.08);
    struct recommendation recommendation = recommend(&race, &for_time);
    assert_int_equal(recommendation.kind, RECOMMEND_BETTER);
    assert_int_equal(recommendation.best, 1);
    assert_int_equal(recommend_larger(&race, &for_time, 1),
                     2); /* not "larger", which is not known to be better at all */
    assert_int_equal(recommend_larger(&race, &for_time, 2), 0);

    const struct selection_view view = {
        .selection = &(struct selection){.race = race, .recommendation = recommendation}, .goal = &for_time};
    char text[SELECTION_WORDS];
    assert_string_equal(
        selection_words_recommendation(&view, text),
        "sure: 5.0% faster than glibc (95% interval 4.0% to 6.0%, p = 0.001, 20 rounds); large gains more on "
        "average, 6.0%, but is less sure of it (3.0% to 9.0%)");
    race.entries[2] = entry_of("large", 1.04, 0.02);
    assert_int_equal(recommend_larger(&race, &for_time, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_time_all_are_tuned),
        cmocka_unit_test(with_less_time_the_best_are_tuned),
        cmocka_unit_test(the_budget_that_is_told_suffices),
        cmocka_unit_test(with_little_time_all_race),
        cmocka_unit_test(too_little_time_says_how_much_would_do),
        cmocka_unit_test(budgets_are_kept),
        cmocka_unit_test(equals_are_told_to_be_equal),
        cmocka_unit_test(what_fails_is_left_out),
        cmocka_unit_test(one_alone_is_tuned),
        cmocka_unit_test(what_is_known_is_not_tuned_again),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(without_a_budget_all_are_tuned),
        cmocka_unit_test(the_surest_is_recommended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
