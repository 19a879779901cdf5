/* SPDX-License-Identifier: MIT */
/* How sessions end, on a simulated machine: how long they take, what becomes of work that fails, hangs or needs a lot
 * of memory, and what survives an interruption. */
#include "config.h"

#include "cli/journal/file.h"
#include "cli/journal/listener.h"
#include "cli/journal/restore.h"
#include "tests/tune/recorded.h"
#include "tests/tune/simulated_session.h"

#include <limits.h>
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

static enum race_status huge_pages_crash(const struct hak_profile *profile)
{
    return profile->pages_huge != HAK_HUGE_AUTO ? RACE_CRASHED : RACE_OK;
}

static enum race_status always_fails(const struct hak_profile *profile)
{
    (void)profile;
    return RACE_FAILED;
}

static enum race_status defaults_hang(const struct hak_profile *profile)
{
    (void)profile;
    return RACE_HUNG;
}

static bool same_values(const struct hak_profile *one, const struct hak_profile *other)
{
    for (size_t i = 0; i < simulated_space.count; i++) {
        const struct hak_parameter *row = simulated_space.dimension[i].row;
        if (hak_parameter_get(row, one) != hak_parameter_get(row, other))
            return false;
    }
    return true;
}

static void budget_is_kept(void **state)
{
    (void)state;
    static const struct {
        double budget, fixed;
        size_t blocks;
        bool is_command;
    } cases[] = {
        {30, 0.02, 20, false}, {60, 0.6, 20, false}, {60, 0.5, 1, true}, {60, 2, 1, true}, {300, 0.1, 20, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session_settings settings = simulated_settings(7);
        struct session_outcome outcome;
        simulation.speed = large_set_speed;
        simulation.fixed = cases[i].fixed;
        simulation.blocks = cases[i].blocks;
        settings.budget = cases[i].budget;
        if (cases[i].is_command)
            settings.work = (struct workload){.command = simulated_command};
        session_run(&settings, &outcome);
        assert_int_equal(outcome.status, SESSION_DONE);
        within_budget(&outcome, cases[i].budget);
        assert_true(simulation.now - SIMULATION_START <= 1.1 * cases[i].budget);
        assert_true(outcome.proof.pairs >= STATISTICS_LEAST_PAIRS);
    }
}

static void too_short_a_budget_is_refused(void **state)
{
    (void)state;
    struct session_settings settings = simulated_settings(1);
    struct session_outcome outcome;
    simulation.fixed = 8;
    settings.work = (struct workload){.command = simulated_command};
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_TOO_SHORT);
    assert_non_null(strstr(outcome.message, "at least"));
}

static void trials_end_the_search(void **state)
{
    (void)state;
    struct session_settings settings = simulated_settings(1);
    struct session_outcome outcome;
    simulation.speed = large_set_speed;
    settings.budget = INFINITY;
    settings.trials = 10;
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_DONE);
    assert_int_equal(outcome.trials, 10);
    assert_true(outcome.proof.winner[GOAL_RECOMMENDED] >= 0);
    settings = simulated_settings(1);
    settings.budget = INFINITY;
    settings.trials = 3;
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_DONE);
    assert_true(outcome.seconds < 15); /* simulated; the proof is no longer than such a search makes worthwhile */
}

static void crashes_are_results(void **state)
{
    (void)state;
    struct session_settings settings = simulated_settings(1);
    struct session_outcome outcome;
    simulation.speed = large_set_speed;
    simulation.fate = huge_pages_crash;
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_DONE);
    assert_true(outcome.failed > 0 && outcome.failed < outcome.trials);
    struct hak_profile profile = simulated_winner(&outcome);
    assert_int_equal(profile.pages_huge, HAK_HUGE_AUTO);
}

static void work_that_fails(void **state)
{
    (void)state;
    struct session_settings settings = simulated_settings(1);
    struct session_outcome outcome;
    simulation.fate = always_fails;
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_WORK_FAILED);
    assert_non_null(strstr(outcome.message, "ws8192"));
    assert_int_equal(simulation.runs, 1);
    simulation.fate = defaults_hang;
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_NOT_ENDED);
    assert_non_null(strstr(outcome.message, "did not end"));
}

static enum race_status all_but_the_default_fail(const struct hak_profile *profile)
{
    struct hak_profile usual;
    hak_profile_default(&usual);
    return !same_values(profile, &usual) ? RACE_FAILED : RACE_OK;
}

static void candidates_that_all_fail_are_no_verdict(void **state)
{
    (void)state;
    struct session_settings settings = simulated_settings(1);
    struct session_outcome outcome;
    simulation.fate = all_but_the_default_fail;
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_WORK_FAILED);
    assert_true(outcome.seconds < 0.6 * settings.budget); /* more would fail as well */
    assert_true(outcome.trials > 0 && outcome.failed == outcome.trials);
    assert_non_null(strstr(outcome.message, "candidates failed although the default did not, the first: simulated"));
}

/* About ten times what the default takes: seconds for a run of a twentieth of one would be the end of any budget. */
static void who_hangs_is_ended_soon(void **state)
{
    (void)state;
    static const struct {
        double run, least, most;
    } cases[] = {{0.05, 0.3, 0.8}, {0.5, 4, 7}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session_settings settings = simulated_settings(1);
        struct session_outcome outcome;
        simulation.fixed = cases[i].run;
        simulation.blocks = 1;
        settings.work = (struct workload){.command = simulated_command};
        session_run(&settings, &outcome);
        assert_int_equal(outcome.status, SESSION_DONE);
        assert_in_range((unsigned long)(1000 * simulation.time_limit), (unsigned long)(1000 * cases[i].least),
                        (unsigned long)(1000 * cases[i].most));
    }
}

/* A run takes 64 MiB. */
static void contenders_fit_into_memory_together(void **state)
{
    (void)state;
    struct session_settings settings = simulated_settings(1);
    struct session_outcome outcome;
    simulation.speed = large_set_speed;
    settings.memory = UINT64_C(330) << 20;
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_DONE);
    assert_int_equal(simulation.most_at_once, 4);
    assert_int_equal(simulation.whole_runs, 0);
    assert_true(outcome.proof.winner[GOAL_RECOMMENDED] >= 0);
    settings = simulated_settings(1);
    simulation.speed = large_set_speed;
    settings.memory = UINT64_C(100) << 20;
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_DONE);
    assert_int_equal(simulation.most_at_once, 1); /* the calibration */
    assert_true(simulation.whole_runs > 10);
}

static size_t count_lines(const json_t *lines, const char *type)
{
    size_t count = 0, index;
    json_t *line;
    json_array_foreach((json_t *)lines, index, line) count +=
        strcmp(json_string_value(json_object_get(line, "type")), type) == 0;
    return count;
}

static void interrupted_and_resumed(void **state)
{
    (void)state;
    char path[] = "/tmp/hakmem-test.XXXXXX", message[1024];
    int fd = mkstemp(path);
    close(fd);
    struct session_settings settings = simulated_settings(4);
    struct session_outcome outcome;
    simulation.speed = large_set_speed;
    simulation.interrupt_after = 20;
    struct session_past past;
    json_t *header = record_header(&settings, NULL, NULL), *lines;
    struct session_record *record = calloc(1, sizeof *record);
    assert_true(session_record_begin(record, header, message, sizeof message));
    struct journal_listener journal = {journal_create(path, header, message, sizeof message), record};
    json_decref(header);
    assert_non_null(journal.file);
    session_listen(&settings, journal_hear, &journal);
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_INTERRUPTED);
    assert_true(outcome.has_best && outcome.trials > 0);
    assert_true(journal_close(journal.file, message, sizeof message));
    unsigned trials = outcome.trials;
    double used = outcome.seconds;

    bool torn;
    journal.file = journal_resume(path, &lines, &torn, message, sizeof message);
    assert_non_null(journal.file);
    assert_false(torn);
    assert_true(count_lines(lines, "trial") >= trials);
    assert_int_equal(record->trial_count, trials); /* those whose race was interrupted are not counted */
    assert_true(record_same_session(json_array_get(lines, 0), &settings, NULL, message, sizeof message));
    settings.seed++;
    assert_false(record_same_session(json_array_get(lines, 0), &settings, NULL, message, sizeof message));
    assert_non_null(strstr(message, "seed"));
    settings.seed--;
    struct space other = simulated_space; /* as after another allocator's file was given, or the file has changed */
    other.count--;
    settings.space = &other;
    assert_false(record_same_session(json_array_get(lines, 0), &settings, NULL, message, sizeof message));
    assert_non_null(strstr(message, "its space is"));
    settings.space = &simulated_space;
    settings.listener_count = 0;
    session_listen(&settings, journal_hear, &journal);
    restore_past(&settings, lines, &past);
    json_decref(lines);
    settings.past = &past;
    simulation.interrupt_after = 0;
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_DONE);
    assert_true(outcome.proof.winner[GOAL_RECOMMENDED] >= 0);
    assert_true(outcome.trials > trials);
    assert_true(outcome.seconds > used);
    within_budget(&outcome, 60);
    assert_true(journal_close(journal.file, message, sizeof message));
    assert_int_equal(record->trial_count, outcome.trials); /* of both parts */
    recorded_free(record);
    session_past_clear(&past);
    unlink(path);
}

static void lowest_new_trial(void *context, const struct tune_event *event)
{
    unsigned *lowest = context;
    if (event->kind == TUNE_TRIAL_STARTED && event->candidate->trial < *lowest)
        *lowest = event->candidate->trial;
}

/* A journal lacks candidates whose heat brought nothing. The numbers of those that it has are not given twice: what is
 * measured later would be added to another candidate's runs when the journal is read again. */
static void numbers_are_not_given_twice(void **state)
{
    (void)state;
    struct session_settings settings = simulated_settings(4);
    struct session_outcome outcome;
    struct session_past past;
    unsigned lowest = UINT_MAX;
    json_t *lines = json_pack("[{s:s}, {s:s, s:i, s:s, s:{}, s:{s:f}}, {s:s, s:i, s:s, s:{}, s:{s:f}}]", "type",
                              "header", "type", "trial", "trial", 1, "status", "ok", "profile", "gains", "time", 0.01,
                              "type", "trial", "trial", 13, "status", "ok", "profile", "gains", "time", 0.01);
    assert_non_null(lines);
    restore_past(&settings, lines, &past);
    json_decref(lines);
    assert_int_equal(past.count, 2);
    settings.past = &past;
    session_listen(&settings, lowest_new_trial, &lowest);
    session_run(&settings, &outcome);
    assert_int_equal(outcome.status, SESSION_DONE);
    assert_int_equal(lowest, 14);
    session_past_clear(&past);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(budget_is_kept),          cmocka_unit_test(too_short_a_budget_is_refused),
        cmocka_unit_test(trials_end_the_search),   cmocka_unit_test(crashes_are_results),
        cmocka_unit_test(work_that_fails),         cmocka_unit_test(candidates_that_all_fail_are_no_verdict),
        cmocka_unit_test(who_hangs_is_ended_soon), cmocka_unit_test(contenders_fit_into_memory_together),
        cmocka_unit_test(interrupted_and_resumed), cmocka_unit_test(numbers_are_not_given_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
