/* SPDX-License-Identifier: MIT */
/* Tables, figures and progress as they are written. */
#include "cli/output/html.h"
#include "cli/output/memory.h"
#include "cli/output/progress.h"
#include "cli/output/table.h"
#include "cli/output/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct table *example(void)
{
    static const char *const columns[] = {"Name", "Size", "What", NULL};
    struct table *table = table_new(columns, "lrl");
    table_add(table, (const char *const[]){"one", "5", "a|b, \"c\""});
    table_add(table, (const char *const[]){"±three", "1000", "some words to wrap into more than one line"});
    return table;
}

static void expect_table(enum output_format format, unsigned width, const char *expected)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    struct table *table = example();
    table_print(table, stream, format, width);
    table_free(table);
    fclose(stream);
    assert_string_equal(text, expected);
    free(text);
}

static void aligned_text(void **state)
{
    (void)state;
    expect_table(OUTPUT_TEXT, 0,
                 "Name    Size  What\n"
                 "one        5  a|b, \"c\"\n"
                 "±three  1000  some words to wrap into more than one line\n");
}

static void wrapped_text(void **state)
{
    (void)state;
    expect_table(OUTPUT_TEXT, 40,
                 "Name    Size  What\n"
                 "one        5  a|b, \"c\"\n"
                 "±three  1000  some words to wrap into\n"
                 "              more than one line\n");
}

/* Names may be anybody's: a terminal gets no more than colours from them. */
static void what_a_terminal_would_act_upon(void **state)
{
    (void)state;
    static const char *const columns[] = {"Name", NULL};
    struct table *table = table_new(columns, "l");
    char *text = NULL;
    size_t size;
    table_add(table, (const char *const[]){"\033[32ma\033[0m\033[2J\033]0;b\a\302\233\377\t\302\261"});
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    table_print(table, stream, OUTPUT_TEXT, 0);
    table_print_line(stream, "%s", "c\033[2J\r");
    fclose(stream);
    assert_string_equal(text, "Name\n\033[32ma\033[0m?[2J?]0;b????\302\261\nc?[2J?\n");
    free(text);
    table_free(table);
}

/* Headings give way first, then texts, then their words; numbers never do. Colours take no room. */
static void too_wide_for_its_stream(void **state)
{
    (void)state;
    static const char *const columns[] = {"Contender", "speed vs. baseline", "Verdict", NULL};
    static const struct {
        unsigned width;
        const char *text;
    } expected[] = {
        {80, "Contender     speed vs. baseline  Verdict\n"
             "lib:one-name               +1.5%  \033[32mno difference\033[0m\n"},
        {46, "Contender     speed vs.  Verdict\n"
             "               baseline\n"
             "lib:one-name      +1.5%  \033[32mno difference\033[0m\n"},
        {34, "Contender        speed  Verdict\n"
             "                   vs.\n"
             "              baseline\n"
             "lib:one-name     +1.5%  \033[32mno\n"
             "                        difference\033[0m\n"},
        {20, "Contender      speed  Verdict\n"
             "                 vs.\n"
             "            baseline\n"
             "lib:one-na     +1.5%  \033[32mno\n"
             "me                    difference\033[0m\n"},
    };
    struct table *table = table_new(columns, "lrl");
    table_add(table, (const char *const[]){"lib:one-name", "+1.5%", "\033[32mno difference\033[0m"});
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);
        table_print(table, stream, OUTPUT_TEXT, expected[i].width);
        fclose(stream);
        assert_string_equal(text, expected[i].text);
        free(text);
    }
    table_free(table);
}

static void lines_are_folded(void **state)
{
    (void)state;
    char *folded = table_fold("one two three four", 2, 40);
    char *narrow = table_fold("some words that take more than thirty", 4, 30);
    assert_string_equal(folded, "one two three four\n");
    assert_string_equal(narrow, "some words that take more than\n    thirty\n");
    free(folded);
    free(narrow);
}

static void markdown(void **state)
{
    (void)state;
    expect_table(OUTPUT_MARKDOWN, 0,
                 "| Name | Size | What |\n"
                 "|:---|---:|:---|\n"
                 "| one | 5 | a\\|b, \"c\" |\n"
                 "| ±three | 1000 | some words to wrap into more than one line |\n");
}

static void comma_separated(void **state)
{
    (void)state;
    expect_table(OUTPUT_CSV, 0,
                 "Name,Size,What\n"
                 "one,5,\"a|b, \"\"c\"\"\"\n"
                 "±three,1000,some words to wrap into more than one line\n");
}

static void html(void **state)
{
    (void)state;
    expect_table(
        OUTPUT_HTML, 0,
        "<table>\n"
        "<thead><tr><th scope=\"col\">Name</th><th scope=\"col\" class=\"r\">Size</th><th "
        "scope=\"col\">What</th></tr>\n"
        "</thead>\n<tbody>\n"
        "<tr><td>one</td><td class=\"r\">5</td><td>a|b, &quot;c&quot;</td></tr>\n"
        "<tr><td>±three</td><td class=\"r\">1000</td><td>some words to wrap into more than one line</td></tr>\n"
        "</tbody>\n</table>\n");
}

/* What WRITE makes of TEXT. */
static void expect_html(void (*write)(FILE *stream, const char *text), const char *text, const char *expected)
{
    char *made = NULL;
    size_t size;
    FILE *stream = open_memstream(&made, &size);
    write(stream, text);
    fclose(stream);
    assert_string_equal(made, expected);
    free(made);
}

static void write_in_script(FILE *stream, const char *text)
{
    json_t *value = json_pack("[s]", text);
    html_json(stream, value);
    json_decref(value);
}

static void text_in_html_is_text(void **state)
{
    (void)state;
    expect_html(html_text, "<script>alert('x\"')&amp;</script>",
                "&lt;script&gt;alert(&#39;x&quot;&#39;)&amp;amp;&lt;/script&gt;");
    expect_html(html_text, "caf\303\251 \342\202\254\n\t", "caf\303\251 \342\202\254\n\t");
    /* Control characters, bytes that are no UTF-8, and one that is cut off. */
    expect_html(html_text, "a\033[1mb\001\177", "a&#xFFFD;[1mb&#xFFFD;&#xFFFD;");
    expect_html(html_text, "\351x\300\257\342\202", "&#xFFFD;x&#xFFFD;&#xFFFD;&#xFFFD;&#xFFFD;");
    expect_html(write_in_script, "</script><!--&", "[\"\\u003c/script\\u003e\\u003c!--\\u0026\"]");
}

static void expect_size(uint64_t bytes, const char *expected)
{
    char text[UNITS_TEXT];
    assert_string_equal(units_size(bytes, text, sizeof text), expected);
}

static void sizes(void **state)
{
    (void)state;
    expect_size(0, "0 bytes");
    expect_size(1023, "1023 bytes");
    expect_size(1024, "1 KiB");
    expect_size(48 << 10, "48 KiB");
    expect_size(1310720, "1.25 MiB");
    expect_size(UINT64_C(508) << 20, "508 MiB");
    expect_size(UINT64_C(100) << 30, "100 GiB");
    expect_size(UINT64_MAX, "16 EiB");
}

static void durations_and_gains(void **state)
{
    (void)state;
    char text[UNITS_TEXT];
    assert_string_equal(units_duration(-3, text, sizeof text), "0s");
    assert_string_equal(units_duration(59.4, text, sizeof text), "59s");
    assert_string_equal(units_duration(59.6, text, sizeof text), "1m00s");
    assert_string_equal(units_duration(3725, text, sizeof text), "1h02m");
    assert_string_equal(units_gain(1.034, text, sizeof text), "+3.4%");
    assert_string_equal(units_gain(0.9, text, sizeof text), "-10.0%");
}

/* Says the same two things in the given mode; returns what was written. Live lines need a terminal: screen.c. */
static char *narrate(bool quiet)
{
    char *text = NULL;
    size_t size;
    struct progress *progress = must_have(calloc(1, sizeof *progress));
    FILE *stream = open_memstream(&text, &size);
    progress_open(progress, stream, quiet);
    progress_note(progress, "keep %d", 3);
    progress_log(progress, "phase %d", 4);
    progress_clear(progress);
    fclose(stream);
    free(progress);
    return text;
}

static void progress_modes(void **state)
{
    (void)state;
    char *quiet = narrate(true), *plain = narrate(false);
    assert_string_equal(quiet, "");
    assert_string_equal(plain, "keep 3\n    0s  phase 4\n");
    free(quiet);
    free(plain);
}

/* The program ends with one line and status 1; nothing is returned. */
static void memory_runs_out(void **state)
{
    (void)state;
    int ends[2], status;
    char line[64] = "";
    char *text = must_format("%s %u", "here", 2u);
    assert_string_equal(text, "here 2");
    assert_ptr_equal(must_have(text), text);
    free(text);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        must_have(NULL);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    assert_true(read(ends[0], line, sizeof line - 1) > 0);
    assert_string_equal(line, "hakmem-tune: out of memory\n");
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aligned_text),
        cmocka_unit_test(wrapped_text),
        cmocka_unit_test(what_a_terminal_would_act_upon),
        cmocka_unit_test(too_wide_for_its_stream),
        cmocka_unit_test(lines_are_folded),
        cmocka_unit_test(markdown),
        cmocka_unit_test(comma_separated),
        cmocka_unit_test(html),
        cmocka_unit_test(text_in_html_is_text),
        cmocka_unit_test(sizes),
        cmocka_unit_test(durations_and_gains),
        cmocka_unit_test(progress_modes),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
