/* SPDX-License-Identifier: MIT */
/* Pages of sessions on a simulated machine: their parts, in their order, with all names as text; and that a damaged
 * journal makes a page too. */
#include "config.h"

#include "cli/html/session_page.h"

#include "cli/html/compare_part.h"
#include "cli/html/page.h"
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

static struct space space;
static char path[64];

static double huge_pages_speed(const struct hak_profile *profile)
{
    return profile->pages_huge == HAK_HUGE_MADVISE ? 0.05 : 0;
}

#define HOSTILE "</script><script>alert(1)</script>\" onload=\"x & \342"

static char *const hostile_command[] = {(char *)HOSTILE, (char *)"\033[2J<img src=x onerror=alert(1)>", NULL};

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

static struct session_record *run(uint64_t seed, bool says)
{
    struct session_record *record = calloc(1, sizeof *record);
    simulation_reset((unsigned long)seed);
    simulation.speed = huge_pages_speed;
    profile_space_init(&space, &simulated_machine);
    struct session_settings settings = {.space = &space,
                                        .goal = {.objective = METRIC_COST},
                                        .strategy = "local",
                                        .work = {.command = hostile_command},
                                        .seed = seed,
                                        .budget = 15,
                                        .clock = simulation_clock};
    simulation.interrupt_after = says ? 0 : 30;
    recorded_run(&settings, record, path, says);
    return record;
}

static char *page_of(const struct session_record *const *records, size_t count, const struct session_page_race *race)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    session_page_write(stream, records, count, race);
    fclose(stream);
    return text;
}

static size_t count(const char *text, const char *what)
{
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        found++;
    return found;
}

/* What of TEXT a browser takes for markup: without what is in its style and its scripts. */
static char *markup_of(const char *text)
{
    char *markup = strdup(text);
    static const char *const elements[][2] = {{"<script", "</script>"}, {"<style", "</style>"}};
    for (size_t i = 0; i < 2; i++) {
        for (char *begin = markup; (begin = strstr(begin, elements[i][0]));) {
            char *end = strstr(begin, elements[i][1]);
            assert_non_null(end);
            memmove(begin, end + strlen(elements[i][1]), strlen(end + strlen(elements[i][1])) + 1);
        }
    }
    return markup;
}

/* As many of each element begin as end. */
static void is_balanced(const char *markup)
{
    static const char *const elements[] = {"div", "section", "table", "thead",  "tbody", "tr", "td",
                                           "p",   "h1",      "h2",    "main",   "dl",    "dt", "dd",
                                           "pre", "ol",      "nav",   "figure", "header"};
    char begin[32], end[32];
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
        snprintf(begin, sizeof begin, "<%s>", elements[i]);
        size_t begun = count(markup, begin);
        snprintf(begin, sizeof begin, "<%s ", elements[i]);
        snprintf(end, sizeof end, "</%s>", elements[i]);
        if (begun + count(markup, begin) != count(markup, end))
            fail_msg("%s: %zu begin, %zu end", elements[i], begun + count(markup, begin), count(markup, end));
    }
}

static void the_parts_are_there_in_their_order(void **state)
{
    (void)state;
    static const char *const parts[] = {"s0-verdict", "s0-front", "s0-search",  "s0-settings",
                                        "s0-trials",  "s0-race",  "s0-machine", "s0-profile"};
    const struct session_record *record = run(1, true);
    assert_true(record->outcome.proof.winner[GOAL_RECOMMENDED] >= 0);
    char *text = page_of(&record, 1, NULL), *markup = markup_of(text), id[64];
    const char *at = markup;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(id, sizeof id, "<section id=\"%s\"", parts[i]);
        at = strstr(at, id);
        assert_non_null(at);
    }
    is_balanced(markup);
    assert_non_null(strstr(markup, "% cheaper</h1>"));
    assert_non_null(strstr(markup, "pages.huge: madvise"));
    assert_non_null(strstr(markup, "HAKMEM_PROFILE=caf\303\251 &lt;b&gt;.yaml"));
    assert_true(count(markup, "<tr>") > record->trial_count + record->pair_count);
    assert_null(strstr(markup, "role=\"tab\""));
    free(text);
    free(markup);
    recorded_free((struct session_record *)record);
}

static void names_are_text(void **state)
{
    (void)state;
    const struct session_record *record = run(2, true);
    char *text = page_of(&record, 1, NULL), *markup = markup_of(text);
    assert_int_equal(count(text, "<script"), count(text, "</script"));
    assert_null(strstr(text, "<script>alert"));
    assert_null(strstr(markup, "<img"));
    assert_null(strstr(markup, "onload=\""));
    assert_null(strchr(text, '\033'));
    assert_non_null(
        strstr(markup, "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x &amp; ?"));
    /* Nothing is fetched, and the browser is told so. */
    assert_non_null(strstr(markup, "default-src 'none'"));
    assert_null(strstr(markup, "src=\""));
    assert_null(strstr(markup, "url("));
    assert_int_equal(count(markup, "href="), count(markup, "href=\"#") + 1);
    free(text);
    free(markup);
    recorded_free((struct session_record *)record);
}

static void several_sessions_are_tabs(void **state)
{
    (void)state;
    const struct session_record *const records[] = {run(3, true), run(4, false)};
    struct comparison *race = calloc(1, sizeof *race);
    const struct metric_set metrics = {.own_count = 0};
    *race = (struct comparison){.name = HOSTILE, .metric = METRIC_COST, .metrics = &metrics, .rounds = 8, .count = 2};
    for (size_t i = 0; i < 2; i++) {
        race->entries[i].label = i ? "<b>tuned" : "glibc";
        race->entries[i].seconds = 1;
        for (enum metric metric = 0; metric < METRICS; metric++)
            race->entries[i].figure[metric] = (struct comparison_figure){.median = NAN, .ratio = NAN, .p_value = 1};
    }
    race->entries[1].figure[METRIC_COST] = (struct comparison_figure){1, true, 0.9, 0.88, 0.92, 0.001};
    race->entries[1].has_interval = true;
    race->entries[1].ratio = 0.9, race->entries[1].low = 0.88, race->entries[1].high = 0.92;
    char *text = page_of(records, 2, &(struct session_page_race){race, "Recommended: <b>tuned"}),
         *markup = markup_of(text);
    is_balanced(markup);
    assert_int_equal(count(markup, "role=\"tab\""), 3);
    assert_non_null(strstr(markup, "<section id=\"c-verdict\""));
    assert_non_null(strstr(markup, "<section id=\"s1-verdict\""));
    assert_non_null(strstr(markup, "<h1>&lt;b&gt;tuned: 10.0% cheaper than glibc</h1>"));
    assert_non_null(strstr(markup, "Recommended: &lt;b&gt;tuned</pre>"));
    assert_non_null(strstr(markup, "-10.0% (-12.0 to -8.0)"));
    assert_non_null(strstr(markup, "Not finished</h1>"));
    free(text);
    free(markup);
    free(race);
    recorded_free((struct session_record *)records[0]);
    recorded_free((struct session_record *)records[1]);
}

/* Of all values that could be damaged, one in so many is: a page takes a while. */
#define ONE_IN 11

/* Values in all kinds of lines become something that nobody expects there. */
static void a_damaged_journal_is_a_page_too(void **state)
{
    (void)state;
    static const char *const texts[] = {"null", "-1", "1e308", "\"</script>\"", "[]", "{}", "[[[]], [1]]"};
    char message[2048];
    bool torn;
    recorded_free(run(5, true));
    json_t *lines = journal_read(path, &torn, message, sizeof message), *line;
    size_t pages = 0, values = 0, index;
    for (size_t i = 0; i < json_array_size(lines); i += i < 12 || i + 12 > json_array_size(lines) ? 1 : 5) {
        const char *key;
        json_t *value;
        void *next;
        json_object_foreach_safe(json_array_get(lines, i), next, key, value)
        {
            if (values++ % ONE_IN != 0)
                continue;
            json_t *copy = json_deep_copy(lines);
            json_object_set_new(json_array_get(copy, i), key,
                                json_loads(texts[pages % (sizeof texts / sizeof *texts)], JSON_DECODE_ANY, NULL));
            struct session_record *record = calloc(1, sizeof *record);
            if (session_record_begin(record, json_array_get(copy, 0), message, sizeof message)) {
                json_array_foreach(copy, index, line) session_record_take(record, line);
                session_record_conclude(record);
                char *text = page_of((const struct session_record *const *)&record, 1, NULL), *markup = markup_of(text);
                is_balanced(markup);
                free(text);
                free(markup);
                session_record_clear(record);
            }
            free(record);
            json_decref(copy);
            pages++;
        }
    }
    print_message("%zu damaged journals\n", pages);
    json_decref(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_parts_are_there_in_their_order, make_file, remove_file),
        cmocka_unit_test_setup_teardown(names_are_text, make_file, remove_file),
        cmocka_unit_test_setup_teardown(several_sessions_are_tabs, make_file, remove_file),
        cmocka_unit_test_setup_teardown(a_damaged_journal_is_a_page_too, make_file, remove_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
