/* SPDX-License-Identifier: MIT */
/* What is said of a command before the first trial: by the figures alone, and in sessions on a simulated machine. */
#include "config.h"

#include "cli/tune/preflight.h"

#include "cli/compare/alone.h"
#include "cli/race/allocator.h"
#include "cli/report/remark_words.h"
#include "cli/tune/session.h"
#include "tests/search_space/profile_space.h"
#include "tests/tune/simulated_race.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)

/* A second of work that allocates as programs do. */
static const struct preflight_run usual = {
    .active_s = 1,
    .cpu_s = 0.95,
    .peak_resident = 64 * MIB,
    .count = {.processes = 1, .calls = 2000000, .bytes = 200 * MIB, .heap = 40 * MIB},
};

static void assert_says(const struct remark *remark, const char *words)
{
    char text[512];
    assert_non_null(strstr(remark_describe(remark, text, sizeof text), words));
}

static void assert_says_not(const struct remark *remark, const char *words)
{
    char text[512];
    assert_null(strstr(remark_describe(remark, text, sizeof text), words));
}

static void usual_work_is_not_remarked_upon(void **state)
{
    (void)state;
    struct remark remark;
    const double ratios[] = {0.01, -0.02, 0.005, 0.012, -0.01, 0.002};
    assert_false(preflight_is_short(0.03, &remark));
    assert_false(preflight_waits(&usual, &remark));
    assert_false(preflight_hardly_allocates(&usual, &remark));
    assert_false(preflight_is_noisy(ratios, 6, 20, &remark));
}

static void short_runs(void **state)
{
    (void)state;
    struct remark remark;
    assert_true(preflight_is_short(0.004, &remark));
    assert_says(&remark, "4 ms");
    assert_says(&remark, "a longer job");
}

static void waiting_is_told_from_working(void **state)
{
    (void)state;
    struct remark remark;
    struct preflight_run run = usual;
    run.cpu_s = 0.01;
    assert_true(preflight_waits(&run, &remark));
    assert_says(&remark, "99 % of its time");
    assert_says(&remark, "--interleave run");
    run.cpu_s = 0.5; /* a neighbour has the other half of the processor */
    assert_false(preflight_waits(&run, &remark));
    run.cpu_s = 4; /* threads */
    assert_false(preflight_waits(&run, &remark));
    run.active_s = 0.002, run.cpu_s = 0.0001; /* too short to say */
    assert_false(preflight_waits(&run, &remark));
}

/* Both the time and the memory have to be little, and known. */
static void little_allocation(void **state)
{
    (void)state;
    struct remark remark;
    const struct preflight_run few = {1, 1, 64 * MIB, {.processes = 1, .calls = 1000, .bytes = MIB, .heap = MIB}};
    struct preflight_run run = few;
    assert_true(preflight_hardly_allocates(&run, &remark));
    assert_says(&remark, "1000 calls");
    assert_says(&remark, "no other can win more than that");
    run = few, run.count.heap = 32 * MIB; /* it holds a lot: where that lies may matter */
    assert_false(preflight_hardly_allocates(&run, &remark));
    run = few, run.count.calls = 1000000;
    assert_false(preflight_hardly_allocates(&run, &remark));
    run = few, run.count.bytes = 4096 * MIB; /* few large blocks, but each from the kernel */
    assert_false(preflight_hardly_allocates(&run, &remark));
    run = few, run.count.processes = 0; /* nobody counted */
    assert_false(preflight_hardly_allocates(&run, &remark));
    run = few, run.active_s = run.cpu_s = 0.001; /* it was cut off at its start */
    assert_false(preflight_hardly_allocates(&run, &remark));
}

static void noise_is_judged_by_pairs(void **state)
{
    (void)state;
    struct remark remark;
    const double ratios[] = {0.3, -0.25, 0.1, -0.3, 0.2, 0.28};
    assert_true(preflight_is_noisy(ratios, 6, 10, &remark));
    assert_says(&remark, "6 pairs");
    assert_says(&remark, "a longer --budget");
    assert_true(preflight_is_noisy(ratios, 6, 1000, &remark)); /* no budget helps where pairs are plenty */
    assert_says_not(&remark, "--budget");
    assert_false(preflight_is_noisy(ratios, 2, 10, &remark)); /* two pairs tell nothing */
    assert_false(preflight_is_noisy(ratios, 6, 0, &remark));
    assert_false(preflight_is_noisy(ratios, 6, NAN, &remark));
}

static void every_reason_but_the_unknown_has_a_cure(void **state)
{
    (void)state;
    assert_string_equal(preflight_cure(ALLOCATOR_REASON_NOT_KNOWN), "");
    assert_string_equal(preflight_cure(-1), "");
    assert_string_equal(preflight_cure(1000), "");
    for (int reason = ALLOCATOR_STATIC; reason <= ALLOCATOR_LACKS_SETTINGS; reason++)
        assert_true(strlen(preflight_cure(reason)) > 10);
}

static struct race_result result(enum race_status status, int code, const char *message)
{
    struct race_result made = {.status = status, .code = code};
    snprintf(made.message, sizeof made.message, "%s", message);
    return made;
}

static void who_may_fail_only_beside_another(void **state)
{
    (void)state;
    struct race_result results[3] = {{0}};
    assert_null(alone_suspect(results, 3));
    results[2] = result(RACE_CRASHED, 11, "candidate 2: crashed: signal 11"); /* another works beside the baseline */
    assert_null(alone_suspect(results, 3));
    results[1] = result(RACE_HUNG, 0, "candidate 1: killed");
    assert_ptr_equal(alone_suspect(results, 3), &results[1]);
    results[1] = result(RACE_NOT_STARTED, 2, "cannot run");
    results[2] = results[1];
    assert_null(alone_suspect(results, 3));
    results[0] = result(RACE_FAILED, 1, "default profile: failed");
    assert_ptr_equal(alone_suspect(results, 3), &results[0]);
    results[0] = results[1] = (struct race_result){0};
    results[2] = result(RACE_FAILED, 124, "candidate 2: failed: exit status 124");
    assert_ptr_equal(alone_suspect(results, 3), &results[2]);
}

static void assert_advises(int status, const char *message, const char *advice)
{
    struct remark remark = {.kind = REMARK_ALONE, .cause = alone_cause_of(status, message)};
    snprintf(remark.message, sizeof remark.message, "%s", message);
    assert_says(&remark, message);
    assert_says(&remark, advice);
}

static void advice_is_by_what_was_said(void **state)
{
    (void)state;
    assert_advises(1, "failed: exit status 1: bind: Address already in use", "; {port}");
    assert_advises(1, "x: FATAL: lock file \"postmaster.pid\" already exists", "; {dir}");
    assert_advises(124, "failed: exit status 124", "--timeout");
    assert_int_equal(alone_cause_of(1, "failed: exit status 1"), ALONE_NOT_KNOWN);
}

/* --- sessions ----------------------------------------------------------------------------------------------------- */

static struct space space;
static char notes[8192];

static void hear(void *context, const struct tune_event *event)
{
    char text[512];
    (void)context;
    if (event->kind != TUNE_REMARK)
        return;
    size_t length = strlen(notes);
    snprintf(notes + length, sizeof notes - length, "%s\n", remark_describe(event->remark, text, sizeof text));
}

/* A command of half a second. */
static struct session_settings settings_for_command(void)
{
    static char *const command[] = {(char *)"./job", NULL};
    simulation_reset(1);
    simulation.fixed = 0.5;
    simulation.blocks = 1;
    notes[0] = '\0';
    profile_space_init(&space, &simulated_machine);
    return (struct session_settings){.space = &space,
                                     .goal = {.objective = METRIC_TIME},
                                     .strategy = "local",
                                     .work = {.command = command},
                                     .seed = 1,
                                     .budget = 60,
                                     .listeners = {{hear, NULL}},
                                     .listener_count = 1,
                                     .counter = "/nonexistent/libhakmem-count.so",
                                     .clock = simulation_clock};
}

static void assert_runs_one_by_one(const char *note)
{
    struct session_outcome outcome;
    struct session_settings settings = settings_for_command();
    simulation.busy = strstr(note, "waits") ? 0.02 : 1;
    simulation.one_at_a_time = strstr(note, "waits") == NULL;
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_DONE);
    assert_int_equal(outcome.failed, 0);
    assert_true(simulation.whole_runs > 10);
    assert_true(simulation.most_at_once <= 2); /* not more than the pair that showed it */
    const char *said = strstr(notes, note);
    assert_non_null(said);
    assert_null(strstr(said + 1, note)); /* once */
    assert_true(remarks_one_by_one(&outcome.remarks));
}

static void who_waits_runs_alone(void **state)
{
    (void)state;
    assert_runs_one_by_one("it waits for 98 %");
}

static void who_fails_beside_another_runs_alone(void **state)
{
    (void)state;
    assert_runs_one_by_one("contenders fail when several are up at once (simulated failure");
}

static void ordinary_commands_run_in_turns(void **state)
{
    (void)state;
    struct session_outcome outcome;
    struct session_settings settings = settings_for_command();
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_DONE);
    assert_true(simulation.most_at_once > 2);
    assert_int_equal(simulation.whole_runs, 0);
    assert_null(strstr(notes, "one after the other"));
    assert_null(strstr(notes, "differ by"));
    assert_int_equal(outcome.remarks.count, 0);
}

static void commands_that_differ_from_themselves(void **state)
{
    (void)state;
    struct session_outcome outcome;
    struct session_settings settings = settings_for_command();
    simulation.run_noise = 0.3;
    session_run(&settings, &outcome);
    assert_non_null(strstr(notes, "two runs of the same differ by"));
}

/* How much a run does is told with the time that it takes, as the proof's runs do not do as much as the calibration's.
 */
static void a_run_is_told_with_its_work(void **state)
{
    (void)state;
    char text[96];
    assert_string_equal(remark_run(0.1564, 0, text, sizeof text), "0.156 s for a run");
    assert_string_equal(remark_run(0.48, 3200000, text, sizeof text), "0.48 s for a run of 3.2 million operations");
    assert_string_equal(remark_run(0.48, 50000, text, sizeof text), "0.48 s for a run of 50 thousand operations");
    assert_string_equal(remark_run(1234.5, 0, text, sizeof text), "1234 s for a run");
}

static void remarks_are_part_of_the_result(void **state)
{
    (void)state;
    struct remarks remarks = {.list = {{.kind = REMARK_SHORT, .seconds = 0.004},
                                       {.kind = REMARK_OTHER_ALLOCATOR, .message = "own: jemalloc 5.3.0"}},
                              .count = 2};
    json_t *array = remarks_json(&remarks);
    assert_int_equal(json_array_size(array), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(array, 1), "kind")), "other-allocator");
    assert_says(&remarks.list[1], "own: jemalloc 5.3.0");
    assert_string_equal(json_string_value(json_object_get(json_array_get(array, 0), "kind")), "short");
    assert_non_null(json_string_value(json_object_get(json_array_get(array, 0), "text")));
    assert_false(remarks_one_by_one(&remarks));
    json_decref(array);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_work_is_not_remarked_upon),
        cmocka_unit_test(short_runs),
        cmocka_unit_test(waiting_is_told_from_working),
        cmocka_unit_test(little_allocation),
        cmocka_unit_test(noise_is_judged_by_pairs),
        cmocka_unit_test(every_reason_but_the_unknown_has_a_cure),
        cmocka_unit_test(who_may_fail_only_beside_another),
        cmocka_unit_test(advice_is_by_what_was_said),
        cmocka_unit_test(a_run_is_told_with_its_work),
        cmocka_unit_test(remarks_are_part_of_the_result),
        cmocka_unit_test(who_waits_runs_alone),
        cmocka_unit_test(who_fails_beside_another_runs_alone),
        cmocka_unit_test(ordinary_commands_run_in_turns),
        cmocka_unit_test(commands_that_differ_from_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
