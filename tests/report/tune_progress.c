/* SPDX-License-Identifier: MIT */
/* What a session on a simulated machine says while it runs to those who have no terminal. */
#include "cli/report/tune_progress.h"

#include "cli/output/memory.h"
#include "cli/tune/session.h"
#include "tests/search_space/profile_space.h"
#include "tests/tune/simulated_race.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static double huge_pages_speed(const struct hak_profile *profile)
{
    return profile->pages_huge == HAK_HUGE_MADVISE ? 0.05 : 0;
}

/* What the session had tried by its end, and of how many trials there were scores. */
static size_t tried, scored;

/* What the session with PAST, which may be NULL, says; the caller frees it. */
static char *said_after(const struct session_past *past, double (*speed)(const struct hak_profile *), double bytes,
                        bool quiet)
{
    static struct space space;
    static struct progress progress;
    static struct tune_progress tune;
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    simulation_reset(1);
    simulation.speed = speed;
    simulation.bytes = bytes;
    profile_space_init(&space, &usual_machine);
    struct session_settings settings = {.space = &space,
                                        .goal = {.objective = METRIC_TIME},
                                        .strategy = "local",
                                        .work = {.workload = "ws8192"},
                                        .seed = 1,
                                        .budget = 60,
                                        .past = past,
                                        .clock = simulation_clock};
    struct session_outcome *outcome = must_have(calloc(1, sizeof *outcome));
    progress_open(&progress, stream, quiet);
    tune_progress_begin(&tune, &progress);
    session_listen(&settings, tune_progress_hear, &tune);
    session_run(&settings, outcome);
    assert_int_equal(outcome->status, SESSION_DONE);
    tried = outcome->trials;
    scored = tune.view.score_count;
    tune_progress_end(&tune);
    fclose(stream);
    free(outcome);
    return text;
}

#define USUAL_BYTES 67108864.0

/* What a session that begins anew says; the caller frees it. */
static char *said(double (*speed)(const struct hak_profile *), bool quiet)
{
    return said_after(NULL, speed, USUAL_BYTES, quiet);
}

static size_t count_lines(const char *text, const char *that_have)
{
    size_t count = 0;
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        const char *found = strstr(text, that_have);
        count += found && found < end;
    }
    return count;
}

/* Half a minute of searching has some dozen heats, each of half a dozen candidates. */
static void a_line_for_each_stage_and_each_better_candidate(void **state)
{
    (void)state;
    static const char *const stages[] = {"ws8192: calibration begins",
                                         "calibrated: default profile: ",
                                         "search begins",
                                         "play-off of the best begins after ",
                                         "simplification begins",
                                         "proof on unseen seeds begins",
                                         "done after "};
    char *text = said(huge_pages_speed, false);
    const char *at = text;
    print_message("%s", text);
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        assert_int_equal(count_lines(text, stages[i]), 1);
        const char *found = strstr(at, stages[i]);
        assert_non_null(found);
        at = found;
    }
    size_t better = count_lines(text, "best so far speed +");
    assert_true(better >= 1 && better <= 20);
    assert_int_equal(count_lines(text, "s  "), 7 + better); /* the time */
    assert_int_equal(count_lines(text, "s  ") + count_lines(text, "        "),
                     count_lines(text, "")); /* what goes on */
    assert_non_null(strstr(text, "memory +0.0%: "));
    free(text);
}

static void nothing_when_quiet(void **state)
{
    (void)state;
    char *text = said(huge_pages_speed, true);
    assert_string_equal(text, "");
    free(text);
}

/* As of a program that is over before it is seen. */
static void a_peak_that_is_not_known(void **state)
{
    (void)state;
    char *text = said_after(NULL, huge_pages_speed, NAN, false);
    assert_int_equal(count_lines(text, "calibrated: default profile: "), 1);
    assert_int_equal(count_lines(text, "its peak of memory is not known"), 1);
    assert_null(strstr(text, "at its peak"));
    free(text);
}

/* Of a session that is resumed some numbers may be missing. */
static void trials_are_counted_not_their_numbers(void **state)
{
    (void)state;
    struct candidate candidates[2] = {{.trial = 1}, {.trial = 40}};
    const struct candidate_run run = {.gain = {.value[METRIC_TIME] = -0.1}, .time_error = 0.01};
    struct space space;
    profile_space_init(&space, &usual_machine);
    candidates[0].point = candidates[1].point = space_default(&space);
    for (size_t i = 0; i < 2; i++)
        candidate_add_run(&candidates[i], &run);
    const struct session_past past = {.candidates = candidates, .count = 2, .elapsed = 1, .heats = 2};
    free(said_after(&past, huge_pages_speed, USUAL_BYTES, false));
    assert_true(tried > 2);
    assert_int_equal(scored, tried);
    for (size_t i = 0; i < 2; i++)
        candidate_clear(&candidates[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_for_each_stage_and_each_better_candidate),
        cmocka_unit_test(nothing_when_quiet),
        cmocka_unit_test(a_peak_that_is_not_known),
        cmocka_unit_test(trials_are_counted_not_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
