/* SPDX-License-Identifier: MIT */
/* What a session tells is in its journal: reports made from the file say what those say that the session made itself.
 */
#include "config.h"

#include "cli/journal/session_record.h"

#include "cli/journal/file.h"
#include "cli/report/session_report.h"
#include "tests/search_space/profile_space.h"
#include "tests/tune/recorded.h"
#include "tests/tune/simulated_race.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- a session and its journal ------------------------------------------------------------------------------------ */

static struct space space;
static char path[64], message[2048], note[2048];

static double huge_pages_speed(const struct hak_profile *profile)
{
    return profile->pages_huge == HAK_HUGE_MADVISE ? 0.05 : 0;
}

static enum race_status small_superslabs_crash(const struct hak_profile *profile)
{
    return profile->superslab_size < 1 << 20 ? RACE_CRASHED : RACE_OK;
}

static int make_file(void **state)
{
    (void)state;
    strcpy(path, "/tmp/hakmem-test.XXXXXX");
    int fd = mkstemp(path);
    return fd >= 0 ? close(fd) : -1;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static struct session_settings settings_for(uint64_t seed)
{
    simulation_reset((unsigned long)seed);
    simulation.speed = huge_pages_speed;
    simulation.fate = small_superslabs_crash;
    profile_space_init(&space, &simulated_machine);
    struct session_settings settings = {.space = &space,
                                        .goal = {.objective = METRIC_COST},
                                        .strategy = "local",
                                        .work = {.workload = "ws8192"},
                                        .seed = seed,
                                        .budget = 60,
                                        .clock = simulation_clock};
    goal_limit(&settings.goal, METRIC_PEAK_MEMORY, 50);
    return settings;
}

static char *printed(const struct session_record *record, enum output_format format)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    session_report_write(stream, format, &record, 1, true);
    fclose(stream);
    return text;
}

static struct session_record *load(void)
{
    struct session_record *record = calloc(1, sizeof *record);
    if (!session_record_load(record, path, message, note, sizeof message))
        fail_msg("%s", message);
    return record;
}

static void same_reports(const struct session_record *live, const struct session_record *loaded)
{
    static const enum output_format formats[] = {OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_MARKDOWN, OUTPUT_CSV};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char *said = printed(live, formats[i]), *later = printed(loaded, formats[i]);
        assert_true(strlen(said) > 100);
        assert_string_equal(said, later);
        free(said);
        free(later);
    }
}

/* --- cases -------------------------------------------------------------------------------------------------------- */

static void the_file_says_what_the_session_said(void **state)
{
    (void)state;
    struct session_settings settings = settings_for(3);
    struct session_record *live = calloc(1, sizeof *live);
    recorded_run(&settings, live, path, true);
    struct session_record *loaded = load();
    assert_string_equal(note, "");
    assert_int_equal(loaded->outcome.status, SESSION_DONE);
    assert_true(loaded->outcome.proof.winner[GOAL_RECOMMENDED] >= 0);
    assert_true(loaded->outcome.failed > 0);
    assert_int_equal(loaded->pair_count, loaded->outcome.proof.pairs);
    assert_int_equal(loaded->trial_count, loaded->outcome.trials);
    assert_true(loaded->outcome.ablation[GOAL_RECOMMENDED].count == 0 ||
                loaded->outcome.ablation[GOAL_RECOMMENDED].changes[0].races > 0);
    same_reports(live, loaded);
    char *text = printed(loaded, OUTPUT_TEXT);
    assert_non_null(strstr(text, "pages.huge: madvise"));
    assert_non_null(strstr(text, RECORDED_PATH));
    free(text);
    recorded_free(live);
    recorded_free(loaded);
}

/* Levels, limits and runs are what they were. */
static void figures_come_back(void **state)
{
    (void)state;
    struct session_settings settings = settings_for(4);
    struct session_record *live = calloc(1, sizeof *live);
    recorded_run(&settings, live, path, true);
    struct session_record *loaded = load();
    assert_int_equal(loaded->space.count, space.count);
    for (size_t i = 0; i < space.count; i++) {
        assert_int_equal(loaded->space.dimension[i].count, space.dimension[i].count);
        assert_int_equal(loaded->space.dimension[i].default_level, space.dimension[i].default_level);
    }
    assert_int_equal(loaded->goal.limit_count, 1);
    assert_true(loaded->goal.limits[0].percent == 50 && loaded->goal.limits[0].is_given);
    for (size_t i = 0; i < live->trial_count; i++) {
        const struct candidate *one = &live->trials[i].candidate, *other = &loaded->trials[i].candidate;
        assert_true(space_equal(&space, &one->point, &other->point));
        assert_int_equal(one->count, other->count);
        for (size_t j = 0; j < one->count; j++)
            assert_true(one->runs[j].gain.value[METRIC_TIME] == other->runs[j].gain.value[METRIC_TIME]);
    }
    assert_int_equal(loaded->stages[0].stage, TUNE_CALIBRATING);
    assert_int_equal(loaded->stages[loaded->stage_count - 1].stage, TUNE_DONE);
    recorded_free(live);
    recorded_free(loaded);
}

/* Whether TEXT says WHAT, in one line or folded: each line that goes on begins with blanks. */
static bool says(const char *text, const char *what)
{
    char *flat = calloc(strlen(text) + 1, 1), *end = flat;
    for (const char *at = text; *at; at++) {
        bool goes_on = *at == '\n' && at[1] == ' ';
        *end++ = goes_on ? ' ' : *at;
        at += goes_on ? strspn(at + 1, " ") : 0;
    }
    bool found = strstr(flat, what) != NULL;
    free(flat);
    return found;
}

/* As after kill -9, or while it runs: what is known so far. */
static void a_session_that_did_not_say_how_it_ended(void **state)
{
    (void)state;
    struct session_settings settings = settings_for(5);
    struct session_record *live = calloc(1, sizeof *live);
    simulation.interrupt_after = 40;
    recorded_run(&settings, live, path, false);
    FILE *stream = fopen(path, "a");
    fputs("{\"type\": \"tri", stream);
    fclose(stream);
    struct session_record *loaded = load();
    assert_non_null(strstr(note, "its last line is not whole"));
    assert_false(loaded->has_ended);
    same_reports(live, loaded);
    char *text = printed(loaded, OUTPUT_TEXT);
    assert_true(says(text, "verdict   none yet: the session has not come to its end after "));
    assert_true(says(text, "the best so far, not proven: cost -"));
    free(text);
    recorded_free(live);
    recorded_free(loaded);
}

static void write_lines(const char *text)
{
    FILE *stream = fopen(path, "w");
    fputs(text, stream);
    fclose(stream);
}

static void refused(const char *text, const char *why)
{
    struct session_record *record = calloc(1, sizeof *record);
    write_lines(text);
    assert_false(session_record_load(record, path, message, note, sizeof message));
    print_message("%s\n", message);
    assert_non_null(strstr(message, path));
    assert_non_null(strstr(message, why));
    free(record);
}

static void what_is_no_such_journal_is_told_apart(void **state)
{
    (void)state;
    refused("", "is empty");
    refused("listen: 8080\n", "line 1 is not a line of a journal");
    refused("{\"type\": \"trial\"}\n", "does not begin with the header");
    refused("{\"type\": \"header\", \"format\": 2, \"version\": \"0.0\"}\n", "lacks what a report needs: the settings");
    refused("{\"type\": \"header\", \"format\": 4, \"version\": \"9\"}\n", "of a later hakmem-tune (9)");
    refused("{\"type\": \"header\", \"format\": 3}\n", "its header is damaged");
    struct session_record *record = calloc(1, sizeof *record);
    assert_false(session_record_load(record, "/nonexistent.journal", message, note, sizeof message));
    assert_non_null(strstr(message, "/nonexistent.journal: No such file"));
    free(record);
}

/* Format 2 said less of the work: what it did not say cannot differ. */
static void an_earlier_format_is_resumed(void **state)
{
    (void)state;
    struct session_settings settings = settings_for(1);
    json_t *header = record_header(&settings, NULL, NULL);
    json_object_del(header, "ok_status");
    assert_false(record_same_session(header, &settings, NULL, message, sizeof message));
    assert_non_null(strstr(message, "its ok_status is not there"));
    json_object_set_new(header, "format", json_integer(2));
    assert_true(record_same_session(header, &settings, NULL, message, sizeof message));
    json_object_set_new(header, "seed", json_integer(2));
    assert_false(record_same_session(header, &settings, NULL, message, sizeof message));
    json_decref(header);
}

/* Replaces VALUE, and what is in it one after the other, by something that nobody expects there. */
static void spoil(json_t *line, const char *key)
{
    static const char *const texts[] = {"null", "-1", "1e99", "\"x\"", "[]", "{}", "[[]]", "999999999"};
    json_t *kept = json_incref(json_object_get(line, key));
    struct session_record *record = calloc(1, sizeof *record);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_object_set_new(line, key, json_loads(texts[i], JSON_DECODE_ANY, NULL));
        json_t *lines = json_load_file(path, JSON_DISABLE_EOF_CHECK, NULL);
        if (session_record_begin(record, lines, message, sizeof message)) {
            session_record_take(record, line);
            session_record_conclude(record);
            free(printed(record, OUTPUT_TEXT));
            session_record_clear(record);
        }
        json_decref(lines);
    }
    free(record);
    json_object_set_new(line, key, kept);
}

/* A damaged file is a damaged file, and never a crash. */
static void values_that_make_no_sense(void **state)
{
    (void)state;
    struct session_settings settings = settings_for(6);
    struct session_record *live = calloc(1, sizeof *live);
    settings.budget = 20;
    recorded_run(&settings, live, path, true);
    recorded_free(live);
    bool torn;
    json_t *lines = journal_read(path, &torn, message, sizeof message);
    for (size_t i = 1; i < json_array_size(lines); i += i < 20 ? 1 : 7) {
        json_t *line = json_array_get(lines, i);
        const char *keys[32];
        size_t count = 0;
        for (void *at = json_object_iter(line); at && count < 32; at = json_object_iter_next(line, at))
            keys[count++] = json_object_iter_key(at);
        for (size_t j = 0; j < count; j++)
            spoil(line, keys[j]);
    }
    json_decref(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_file_says_what_the_session_said, make_file, remove_file),
        cmocka_unit_test_setup_teardown(figures_come_back, make_file, remove_file),
        cmocka_unit_test_setup_teardown(a_session_that_did_not_say_how_it_ended, make_file, remove_file),
        cmocka_unit_test_setup_teardown(what_is_no_such_journal_is_told_apart, make_file, remove_file),
        cmocka_unit_test(an_earlier_format_is_resumed),
        cmocka_unit_test_setup_teardown(values_that_make_no_sense, make_file, remove_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
