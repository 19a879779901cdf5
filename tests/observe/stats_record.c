/* SPDX-License-Identifier: MIT */
/* The forms of a record: what they say of the process, and that they fit where they are to fit. */
#include "lib/observe/stats_record.h"

#include "lib/observe/stats_counters.h"
#include "lib/profile/active.h"
#include "tests/base/child.h"

#include <errno.h>

static char text[HAK_STATS_JSON_BYTES];

static const char *written(void (*add)(struct writer *, const struct stats_record *), const struct stats_record *record)
{
    struct writer writer = writer_start(text, sizeof text);
    add(&writer, record);
    assert_int_equal(writer.length, strlen(text)); /* nothing was cut */
    return text;
}

static void assert_holds(const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, text);
}

static struct stats_record some_record(void)
{
    struct stats_record record;
    stats_record_take(&record, STATS_AT_EXIT);
    record.pid = 4711;
    record.program = "program";
    record.seconds = 86399;
    return record;
}

static void a_line_says_what_it_is_of(void **state)
{
    (void)state;
    struct stats_record record = some_record();
    record.all.total = (struct hak_stats){.live_bytes = 2048, .live_blocks = 1, .total_mapped_bytes = 3 << 20};
    written(stats_add_line, &record);
    assert_holds("hakmem: program[4711], profile default, 1970-01-01T23:59:59Z: 3.0 MiB mapped = ");
    assert_holds(" 2.0 KiB allocated in 1 block + ");
    assert_null(strstr(text, "lazily"));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    record.forked_from = 17;
    record.all.total.lazily_freed_bytes = 1024;
    written(stats_add_line, &record);
    assert_holds("program[4711], forked from 17, profile");
    assert_holds("1.0 KiB lazily freed");
}

static void text_has_every_counter_once(void **state)
{
    (void)state;
    struct stats_record record = some_record();
    record.forked_from = 17;
    written(stats_add_text, &record);
    assert_holds("hakmem: statistics\nprogram: program\npid: 4711\nforked_from: 17\ntime: 1970-01-01T23:59:59Z\n"
                 "reason: exit\n");
    for (size_t i = 0; i < stats_counter_count; i++) {
        char name[64];
        snprintf(name, sizeof name, "\n%s: ", stats_counters[i].name);
        const char *found = strstr(text, name);
        assert_non_null(found);
        assert_null(strstr(found + 1, name));
    }
    assert_holds("\nlookup_cycles: ");
    assert_holds("\nclass ");
    assert_holds("\nprofile superslab.size: 2MiB\n");
}

/* A handler may hold any lock: it takes no block. */
static void nothing_is_measured_on_a_signal(void **state)
{
    (void)state;
    struct stats_record record = some_record();
    record.reason = STATS_ON_SIGNAL;
    written(stats_add_text, &record);
    assert_holds("\nlookup_cycles: not available in a signal handler\n");
    assert_holds("\nreason: signal\n");
}

static void json_is_quoted(void **state)
{
    (void)state;
    struct stats_record record = some_record();
    record.program = "a\"b\\c\n\x01\xff\xc3\xa9";
    written(stats_add_json, &record);
    assert_holds(",\"pid\":4711,\"program\":\"a\\\"b\\\\c???\xc3\xa9\",\"profile\":\"default\","
                 "\"time\":\"1970-01-01T23:59:59Z\",\"reason\":\"exit\",\"memory\":{\"mapped_bytes\":");
    assert_null(strstr(text, "forked_from"));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

/* The largest numbers in as many classes as there can be. */
static void all_forms_fit(void **state)
{
    (void)state;
    struct stats_record record = some_record();
    unsigned classes = size_class_count;
    for (unsigned class = classes; class < SIZE_CLASSES_MAX; class ++)
        size_classes[class] = size_classes[classes - 1];
    size_class_count = SIZE_CLASSES_MAX;
    hak_active_profile.size_classes_count = HAK_PROFILE_MAX_CLASSES;
    memset(&record.all, 0xff, sizeof record.all);
    record.pid = record.forked_from = UINT64_MAX;
    written(stats_add_text, &record);
    written(stats_add_line, &record);
    size_t length = strlen(written(stats_add_json, &record));
    size_class_count = classes;
    hak_active_profile.size_classes_count = 0;
    assert_true(length > HAK_STATS_JSON_BYTES / 4 && length < HAK_STATS_JSON_BYTES);
}

static void buffers_of_all_lengths(void **state)
{
    (void)state;
    size_t length = hak_stats_json(NULL, 0);
    assert_true(length > 1000 && length < HAK_STATS_JSON_BYTES);
    memset(text, 'x', sizeof text);
    assert_true(hak_stats_json(text, 17) > 1000);
    assert_int_equal(strlen(text), 16);
    assert_int_equal(text[17], 'x');
    length = hak_stats_json(text, sizeof text);
    assert_int_equal(strlen(text), length);
    assert_holds("\"reason\":\"call\"");
}

static void descriptors_that_take_nothing(void **state)
{
    (void)state;
    int full = open("/dev/full", O_WRONLY), null = open("/dev/null", O_WRONLY);
    assert_true(hak_stats_print_json(null));
    errno = 0;
    assert_false(hak_stats_print_json(full));
    assert_int_equal(errno, ENOSPC);
    assert_false(hak_stats_print_json(-1));
    assert_int_equal(errno, EBADF);
    hak_stats_print(full);
    close(full), close(null);
}

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_line_says_what_it_is_of),
                                       cmocka_unit_test(text_has_every_counter_once),
                                       cmocka_unit_test(nothing_is_measured_on_a_signal),
                                       cmocka_unit_test(json_is_quoted),
                                       cmocka_unit_test(all_forms_fit),
                                       cmocka_unit_test(buffers_of_all_lengths),
                                       cmocka_unit_test(descriptors_that_take_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
