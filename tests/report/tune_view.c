/* SPDX-License-Identifier: MIT */
/* A session as lines of a terminal, wide and narrow. */
#include "cli/report/tune_view.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct tune_view searching(void)
{
    return (struct tune_view){
        .name = "ws8192",
        .stage = TUNE_SEARCHING,
        .objective = "speed",
        .trials = 8,
        .first_trial = 5,
        .best = {.known = true,
                 .is_sure = true,
                 .change = 3.4,
                 .low = 2.1,
                 .high = 4.7,
                 .speed = NAN,
                 .memory = 12,
                 .changes = "large.cache: 128MiB"},
    };
}

static void add_scores(struct tune_view *view)
{
    static const double scores[] = {-0.5, 0, 0.02, NAN, 0.035};
    for (size_t i = 0; i < 5; i++)
        tune_view_score(view, i + 1, scores[i]);
    view->failed = 1;
}

/* Every line but the last ends with a newline. */
static const char *drawn(const struct tune_view *view, size_t columns, bool utf8, double seconds_left)
{
    static char text[FRAME_MAX_LINES * FRAME_LINE_BYTES];
    struct frame frame = {.columns = columns, .most_lines = 24, .utf8 = utf8};
    tune_view_draw(view, 12, seconds_left, &frame);
    text[0] = '\0';
    for (size_t i = 0; i < frame.count; i++) {
        assert_true(frame.lines[i].width <= columns);
        strcat(strcat(text, i ? "\n" : ""), frame.lines[i].text);
    }
    return text;
}

static void a_search(void **state)
{
    (void)state;
    struct tune_view view = searching();
    add_scores(&view);
    assert_string_equal(drawn(&view, 79, true, 108),
                        "ws8192: searching, 1m48s left, trials 5 to 8\n"
                        "best so far speed +3.4% (+2.1 to +4.7), memory +12.0%: large.cache: 128MiB\n"
                        "▁▅▇x█ 5 tried, 1 failed");
    assert_string_equal(drawn(&view, 60, false, 108), "ws8192: searching, 1m48s left, trials 5 to 8\n"
                                                      "best so far speed +3.4% (+2.1 to +4.7), memory +12.0%: larg>\n"
                                                      "_=*x# 5 tried, 1 failed");
    tune_view_clear(&view);
}

/* Figures are left out rather than cut; the search fits as a whole, each bar the best of its neighbours. */
static void a_narrow_terminal(void **state)
{
    (void)state;
    struct tune_view view = searching();
    add_scores(&view);
    assert_string_equal(drawn(&view, 39, true, 108), "ws8192: searching, 1m48s left\n"
                                                     "best speed +3.4% (+2.1 to +4.7)\n"
                                                     "▁▅▇x█ 5 tried, 1 failed");
    assert_string_equal(drawn(&view, 21, true, 108), "ws8192: searching\n"
                                                     "best speed +3.4%\n"
                                                     "▁▇█ 5 tried, 1 failed");
    drawn(&view, 1, true, 108);
    drawn(&view, 0, true, 108);
    tune_view_clear(&view);
}

static void before_anything_is_known(void **state)
{
    (void)state;
    struct tune_view view = {.name = "a command whose name is of many words and long", .stage = TUNE_CALIBRATING};
    assert_string_equal(drawn(&view, 79, true, 60), "a command whose name is of many…: calibrating, 1m00s left");
    view.stage = TUNE_SEARCHING;
    assert_string_equal(drawn(&view, 79, true, -3),
                        "a command whose name is of many…: searching, 0s left\nnone is better yet");
}

static void a_search_by_trials(void **state)
{
    (void)state;
    struct tune_view view = searching();
    view.most_trials = 50;
    view.best.memory = NAN;
    assert_string_equal(drawn(&view, 79, true, INFINITY),
                        "ws8192: searching, 12s, 8 of 50 trials, trials 5 to 8\n"
                        "best so far speed +3.4% (+2.1 to +4.7): large.cache: 128MiB");
}

static void a_proof(void **state)
{
    (void)state;
    struct tune_view view = searching();
    view.stage = TUNE_PROVING;
    view.objective = "cost";
    view.pairs = 11;
    view.finalists = 3;
    view.proof = (struct tune_view_gain){.known = true,
                                         .change = -1.2,
                                         .low = -2.5,
                                         .high = 0.1,
                                         .speed = 0.9,
                                         .memory = -4,
                                         .changes = "purge.delay: 4s"};
    assert_string_equal(drawn(&view, 79, true, 20),
                        "ws8192: proving, 20s left, pair 12 of 3 finalists\n"
                        "on unseen seeds cost -1.2% (-2.5 to +0.1), speed +0.9%, memory -4.0%: purge.de…");
}

/* Noise alone does not fill the bars. */
static void small_differences_are_small(void **state)
{
    (void)state;
    struct tune_view view = searching();
    tune_view_score(&view, 2, 0.0004);
    const char *text = drawn(&view, 79, true, 20);
    assert_non_null(strstr(text, "x▅ 2 tried") ? text : strstr(text, "x▄ 2 tried"));
    tune_view_clear(&view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search),
        cmocka_unit_test(a_narrow_terminal),
        cmocka_unit_test(before_anything_is_known),
        cmocka_unit_test(a_search_by_trials),
        cmocka_unit_test(a_proof),
        cmocka_unit_test(small_differences_are_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
