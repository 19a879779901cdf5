/* SPDX-License-Identifier: MIT */
/* The tables that a session ends with: as text within 80 columns, as Markdown and as comma-separated values; what each
 * change brings; and whether it is enough for a build. */
#include "cli/report/session_table.h"

#include "cli/options/parse.h"
#include "cli/output/memory.h"
#include "cli/report/explain.h"
#include "cli/report/session_words.h"
#include "cli/verbs/tune_gate.h"
#include "tests/search_space/profile_space.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- a session that has ended ------------------------------------------------------------------------------------- */

#define MIB 1048576.0

static struct proof_figure figure(double mean, double half)
{
    return (struct proof_figure){true, {mean, mean - half, mean + half, 0.001}};
}

static struct session_record *session(void)
{
    struct session_record *ended = must_have(calloc(1, sizeof *ended));
    profile_space_init(&ended->space, &usual_machine);
    ended->goal.objective = METRIC_TIME;
    ended->work.label = "workload";
    ended->work.job = "";
    ended->work.name = ended->work.description = "ws8192";
    ended->version = "0";
    ended->seed = 1;
    ended->has_ended = true;
    ended->outcome.baseline = metric_unknown();
    ended->outcome.baseline.value[METRIC_TIME] = 0.5;
    ended->outcome.baseline.value[METRIC_PEAK_MEMORY] = 64 * MIB;
    ended->outcome.trials = 41;
    struct proof *proof = &ended->outcome.proof;
    proof->pairs = 24;
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++)
        proof->winner[aim] = -1;
    ended->path[GOAL_RECOMMENDED] = "ws8192.yaml";
    return ended;
}

/* Twice as fast, with a fourth more memory. */
static void win(struct session_record *ended)
{
    struct proof *proof = &ended->outcome.proof;
    struct space_point point = space_default(&ended->space);
    space_set(&ended->space, &point, "superslab.size", 16 << 20);
    space_set(&ended->space, &point, "pages.huge", HAK_HUGE_MADVISE);
    proof->count = 1;
    proof->winner[GOAL_RECOMMENDED] = 0;
    proof->finalists[0] = (struct proof_finalist){.point = point, .trial = 7};
    proof->finalists[0].figure[METRIC_TIME] = figure(log(2), 0.01);
    proof->finalists[0].figure[METRIC_PEAK_MEMORY] = figure(-log(1.25), 0.004);
    proof->finalists[0].test[GOAL_RECOMMENDED] = (struct proof_test){true, true, true, 0.001};
    ended->outcome.ablation[GOAL_RECOMMENDED] = (struct ablation){
        .of = point,
        .count = 2,
        .changes = {{(size_t)space_find(&ended->space, "pages.huge"), true, {0.02, 0.005}, 3},
                    {(size_t)space_find(&ended->space, "superslab.size"), false, {0, INFINITY}, 0}},
    };
}

static char *printed(const struct session_record *ended, enum output_format format)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    if (format == OUTPUT_TEXT)
        session_report_print(stream, ended, true);
    else
        session_table_print(stream, format, &ended, 1);
    fclose(stream);
    return text;
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

static void text_of_a_winner(void **state)
{
    (void)state;
    struct session_record *ended = session();
    win(ended);
    char *text = printed(ended, OUTPUT_TEXT);
    assert_non_null(strstr(text, "\n"
                                 "             default  recommended  change      95% interval\n"
                                 "time          500 ms       250 ms  -50.0%  -50.5% to -49.5%\n"
                                 "peak memory   64 MiB       80 MiB  +25.0%  +24.5% to +25.5%\n"));
    assert_non_null(strstr(text, "change                     speed without it  winner\n"
                                 "pages.huge: madvise    -2.0% (-3.0 to -1.0)  kept\n"
                                 "superslab.size: 16MiB             not known  kept\n"));
    free(text);
    free(ended);
}

static void markdown_of_a_winner(void **state)
{
    (void)state;
    struct session_record *ended = session();
    win(ended);
    char *text = printed(ended, OUTPUT_MARKDOWN);
    assert_non_null(strstr(text, ": ws8192\n\n**recommended**: 100.0% faster than the default"));
    assert_non_null(strstr(text, "|  | default | recommended | change | 95% interval |\n|:---|---:|---:|---:|---:|\n"
                                 "| time | 500 ms | 250 ms | -50.0% | -50.5% to -49.5% |\n"
                                 "| peak memory | 64 MiB | 80 MiB | +25.0% | +24.5% to +25.5% |\n"
                                 "\nChanges: `superslab.size: 16MiB, pages.huge: madvise`, saved in `ws8192.yaml`.\n"
                                 "\n24 pairs of runs on seeds that the search of 41 candidates has not used; "));
    free(text);
    free(ended);
}

static void values_of_all_finalists(void **state)
{
    (void)state;
    struct session_record *ended = session();
    win(ended);
    char *text = printed(ended, OUTPUT_CSV);
    assert_string_equal(text,
                        "workload,allocator,role,metric,unit,baseline,value,change_percent,change_low,change_high,"
                        "p_value,changes\n"
                        "ws8192,hakmem,recommended,time,seconds,0.5,0.25,-50.0000,-50.4975,-49.4975,0.00100,"
                        "\"superslab.size: 16MiB, pages.huge: madvise\"\n"
                        "ws8192,hakmem,recommended,peak-memory,bytes,67108864,83886080,25.0000,24.5010,25.5010,"
                        "0.00100,\"superslab.size: 16MiB, pages.huge: madvise\"\n");
    free(text);
    free(ended);
}

static void nothing_was_won(void **state)
{
    (void)state;
    struct session_record *ended = session();
    char *markdown = printed(ended, OUTPUT_MARKDOWN), *values = printed(ended, OUTPUT_CSV);
    assert_non_null(strstr(markdown, "**recommended**: nothing to win"));
    assert_null(strstr(markdown, "| default |"));
    assert_non_null(strstr(values, "workload,"));
    assert_int_equal(strcspn(values, "\n") + 1, strlen(values));
    free(markdown);
    free(values);
    free(ended);
}

/* A proof has so many pairs at most: a longer budget has no more of them. */
static void more_pairs_than_a_proof_has(void **state)
{
    (void)state;
    struct session_record *ended = session();
    char text[512];
    win(ended);
    ended->budget = 60;
    ended->outcome.proof.winner[GOAL_RECOMMENDED] = -1;
    ended->outcome.proof.finalists[0].figure[METRIC_TIME] = figure(0.03, 0.05);
    session_words_verdict(ended, GOAL_RECOMMENDED, text, sizeof text);
    assert_non_null(strstr(text, "; about 43 more would: --budget 170s"));
    ended->outcome.proof.pairs = 150;
    session_words_verdict(ended, GOAL_RECOMMENDED, text, sizeof text);
    assert_non_null(strstr(text, "; about 267 more would, and a proof has 200 at most: quieten the machine"));
    ended->work.label = "command";
    session_words_verdict(ended, GOAL_RECOMMENDED, text, sizeof text);
    assert_non_null(strstr(text, " at most: make the work of a run longer (more data, or the work in a loop)"));
    free(ended);
}

/* Where it is a limit that cannot be tested, no quiet machine helps. */
static void a_limit_on_what_is_not_known(void **state)
{
    (void)state;
    struct session_record *ended = session();
    char text[512];
    win(ended);
    goal_limit(&ended->goal, METRIC_PEAK_MEMORY, 5);
    ended->outcome.proof.winner[GOAL_RECOMMENDED] = -1;
    ended->outcome.proof.finalists[0].figure[METRIC_PEAK_MEMORY].is_known = false;
    session_words_verdict(ended, GOAL_RECOMMENDED, text, sizeof text);
    assert_non_null(strstr(text, "; peak memory has a limit and is not known of these runs: make the work"));
    free(ended);
}

/* A finalist that has won an end of the front has its table there. */
static void one_table_for_one_finalist(void **state)
{
    (void)state;
    struct session_record *ended = session();
    win(ended);
    ended->goal.objective = METRIC_COST;
    ended->outcome.proof.winner[GOAL_RECOMMENDED] = -1;
    ended->outcome.proof.winner[GOAL_FASTEST] = 0;
    ended->outcome.proof.finalists[0].figure[METRIC_COST] = figure(0, 0.05);
    char *text = printed(ended, OUTPUT_TEXT), *table = strstr(text, "default  fastest");
    assert_non_null(table);
    assert_null(strstr(table, "default  finalist"));
    free(text);
    ended->outcome.proof.winner[GOAL_FASTEST] = -1;
    text = printed(ended, OUTPUT_TEXT);
    assert_non_null(strstr(text, "default  finalist"));
    free(text);
    free(ended);
}

/* Where the objective is the cost there may be finalists for the ends of the front alone: of the cost they prove
 * nothing. */
static void finalists_of_other_aims_prove_nothing(void **state)
{
    (void)state;
    struct session_record *ended = session();
    struct proof_finalist *finalist = &ended->outcome.proof.finalists[0];
    char text[512];
    ended->goal.objective = METRIC_COST;
    ended->outcome.proof.count = 1;
    finalist->test[GOAL_FASTEST].is_held = true;
    session_words_verdict(ended, GOAL_RECOMMENDED, text, sizeof text);
    assert_string_equal(text, "nothing to win: no candidate came out ahead in the search by its cost");
    ended->outcome.proof.count = 2;
    ended->outcome.proof.finalists[1].test[GOAL_RECOMMENDED].is_held = true;
    ended->outcome.proof.finalists[1].eliminated = true;
    strcpy(ended->outcome.proof.finalists[1].reason, "it crashed");
    session_words_verdict(ended, GOAL_RECOMMENDED, text, sizeof text);
    assert_string_equal(text, "every finalist failed in the proof, the first: it crashed");
    free(ended);
}

/* In one line. */
static char *explained(const struct session_record *ended)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    explain_print(stream, OUTPUT_TEXT, ended, GOAL_RECOMMENDED);
    fclose(stream);
    for (char *end = text; (end = strchr(end, '\n'));)
        *end = ' ';
    return text;
}

static void changes_that_are_not_known(void **state)
{
    (void)state;
    struct session_record *ended = session();
    char *text = explained(ended);
    assert_non_null(strstr(
        text,
        "What each change of the best recommended candidate brings is not known: there is no candidate that is ahead"));
    free(text);
    ended->outcome.proof.count = 1; /* a finalist, which is not surely ahead */
    ended->outcome.proof.finalists[0].test[GOAL_RECOMMENDED].is_held = true;
    ended->outcome.proof.finalists[0].point = space_default(&ended->space);
    space_set(&ended->space, &ended->outcome.proof.finalists[0].point, "pages.huge", HAK_HUGE_MADVISE);
    space_set(&ended->space, &ended->outcome.proof.finalists[0].point, "superslab.size", 16 << 20);
    text = explained(ended);
    assert_non_null(strstr(text, " is not known: the time was too short, try a longer --budget."));
    free(text);
    ended->outcome.has_best = true;
    ended->outcome.best = space_default(&ended->space);
    space_set(&ended->space, &ended->outcome.best, "superslab.size", 16 << 20);
    text = explained(ended);
    assert_non_null(strstr(text, " is what the candidate brings: there is one change."));
    free(text);
    space_set(&ended->space, &ended->outcome.best, "pages.huge", HAK_HUGE_MADVISE);
    text = explained(ended);
    assert_non_null(strstr(text, " is not known: the time was too short, try a longer --budget."));
    free(text);
    win(ended);
    ended->outcome.proof.finalists[0].point = space_default(&ended->space);
    json_t *list = explain_json(ended, GOAL_RECOMMENDED);
    assert_int_equal(json_array_size(list), 2);
    const json_t *first = json_array_get(list, 0), *second = json_array_get(list, 1);
    assert_string_equal(json_string_value(json_object_get(first, "key")), "pages.huge");
    assert_string_equal(json_string_value(json_object_get(first, "value")), "madvise");
    assert_string_equal(json_string_value(json_object_get(first, "winner")), "taken back");
    assert_true(json_real_value(json_object_get(first, "without_it_percent")) < -1.9);
    assert_true(json_is_null(json_object_get(second, "without_it_percent")));
    json_decref(list);
    free(ended);
}

/* --- is it enough? ------------------------------------------------------------------------------------------------ */

static int gate(const struct session_record *ended, const char *percent)
{
    static char *words[6], command[] = "tune", option[] = "--require-gain", dashes[] = "--", run[] = "true";
    static char value[16];
    struct options options;
    size_t count = 0;
    words[count++] = command;
    if (percent) {
        snprintf(value, sizeof value, "%s", percent);
        words[count++] = option;
        words[count++] = value;
    }
    words[count++] = dashes;
    words[count++] = run;
    words[count] = NULL;
    assert_int_equal(options_parse(VERB_TUNE, words, &options), 0);
    return tune_gate(&options, ended);
}

static void the_lower_end_has_to_reach_it(void **state)
{
    (void)state;
    struct session_record *ended = session();
    assert_int_equal(gate(ended, NULL), 0);
    assert_int_equal(gate(ended, "0"), 4); /* nothing was won */
    win(ended);
    assert_int_equal(gate(ended, NULL), 0);
    assert_int_equal(gate(ended, "98"), 0);
    assert_int_equal(gate(ended, "99"), 4); /* 98.0 to 102.0 */
    ended->goal.objective = METRIC_PEAK_MEMORY;
    assert_int_equal(gate(ended, "0"), 4);
    ended->outcome.proof.finalists[0].figure[METRIC_PEAK_MEMORY] = figure(log(2), 0.01);
    assert_int_equal(gate(ended, "49"), 0); /* half of it, 49.5 to 50.5 */
    assert_int_equal(gate(ended, "50"), 4);
    free(ended);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_a_winner),
        cmocka_unit_test(markdown_of_a_winner),
        cmocka_unit_test(values_of_all_finalists),
        cmocka_unit_test(nothing_was_won),
        cmocka_unit_test(more_pairs_than_a_proof_has),
        cmocka_unit_test(a_limit_on_what_is_not_known),
        cmocka_unit_test(one_table_for_one_finalist),
        cmocka_unit_test(finalists_of_other_aims_prove_nothing),
        cmocka_unit_test(changes_that_are_not_known),
        cmocka_unit_test(the_lower_end_has_to_reach_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
