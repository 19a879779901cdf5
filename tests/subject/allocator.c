/* SPDX-License-Identifier: MIT */
/* Other allocators as data: what is refused and where, what a point sets in the environment, which versions have what.
 */
#include "config.h"

#include "cli/subject/allocator.h"

#include "cli/search_space/seeds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/hakmem-space.XXXXXX";

/* Writes TEXT as a file and loads it. */
static bool load(struct allocator *allocator, const char *text, char *message, size_t size)
{
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    fputs(text, stream);
    assert_int_equal(fclose(stream), 0);
    return allocator_load(allocator, path, message, size);
}

#define HEAD                          \
    "allocator: planted\n"            \
    "what: one for this test\n"       \
    "environment: {prefix: PLANT_}\n" \
    "settings:\n"
#define SETTING "  {type: size, minimum: 4KiB, maximum: 1MiB, default: 64KiB, scale: log, what: w, source: s"

static void shipped_files_are_good(void **state)
{
    (void)state;
    static const char *const names[] = {"glibc", "jemalloc", "mimalloc", "tcmalloc"};
    static struct allocator allocator;
    static struct space space;
    struct machine_limits machine = {0};
    char file[256], message[1024] = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct space_point points[16];
        snprintf(file, sizeof file, SOURCE_SPACES "/%s.yaml", names[i]);
        if (!allocator_load(&allocator, file, message, sizeof message))
            fail_msg("%s", message);
        assert_string_equal(allocator.name, names[i]);
        struct subject subject = subject_allocator(&allocator, NULL);
        space_init(&space, &subject, &machine);
        assert_int_equal(space.count, allocator.count); /* nothing with one level alone */
        assert_true(space_seeds(&space, false, points, 16) >= 4);
        assert_true(space_seeds(&space, true, points, 16) >= 4);
        allocator_free(&allocator);
    }
}

static void faults_are_placed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *where, *what;
    } bad[] = {
        {"allocator: [", ":1:", "YAML"},
        {"- a\n", ":1:1: ", "keys with values"},
        {"allocator: a\nallocator: b\n", ":2:1: ", "twice"},
        {"what: w\n", ":1:1: ", "allocator is missing"},
        {"allocater: a\n", ":1:12: ", "did you mean allocator?"},
        {"allocator: a\nwhat: w\nenvironment: {variable: V}\n", ":3:14: ", "pair is missing"},
        {"allocator: a\nwhat: w\nenvironment: {variable: V, prefix: P}\n", ":3:14: ", "exclude each other"},
        {"allocator: a\nwhat: w\nenvironment: {prefix: P}\n", ":1:1: ", "settings"},
        {HEAD " cache:\n" SETTING ", typ: 1}\n", ":6:", "unknown key typ (did you mean type?)"},
        {HEAD " cache: {type: length}\n", ":5:16: ", "\"length\" is not one of number, size"},
        {HEAD " cache: {type: size, minimum: 4k}\n", ":5:31: ", "unknown unit"},
        {HEAD " cache: {type: number, minimum: 4, maximum: 4}\n", ":5:45: ", "not above the minimum"},
        {HEAD " cache: {type: number, minimum: 1, maximum: 4, scale: category}\n", ":5:55: ", "linear or log"},
        {HEAD " cache: {type: number, minimum: 1, maximum: 4, scale: log, default: 5}\n", ":5:69: ", "out of range"},
        {HEAD " cache: {type: choice, default: a}\n", ":5:9: ", "choices is missing"},
        {HEAD " cache: {type: choice, choices: [a, b], default: c}\n", ":5:50: ", "one of a, b"},
        {HEAD " cache: {type: number, minimum: 1, maximum: 9, scale: log, default: {\"2\": 1, \"1\": 2}}\n",
         ":5:", "does not come after"},
        {HEAD " cache: {type: number, minimum: 1, maximum: 9, scale: log, default: [1]}\n", ":5:", "for each version"},
        {HEAD " cache:\n" SETTING ", since: [1]}\n", ":6:", "since: a text is expected"},
        {HEAD " cache:\n" SETTING "}\nfirst: {speed: [{cash: 4KiB}]}\n", ":7:24: ", "did you mean cache?"},
        {HEAD " cache:\n" SETTING "}\nfirst: {speed: [{cache: 1KiB}]}\n", ":7:25: ", "out of range"},
        {HEAD " cache:\n" SETTING "}\nversion: {in: air, after: v}\n", ":7:15: ", "output, library, name"},
        {HEAD " cache:\n" SETTING "}\nversion: {run: [rm, x], after: v}\n", ":7:16: ", "true, loader"},
        {HEAD " cache:\n" SETTING "}\nconfirm: {in: output}\n", ":7:10: ", "shows is missing"},
        {HEAD " \"a\\nb\":\n" SETTING "}\n", ":6:", "one line"},
        {HEAD " a-b:\n" SETTING "}\n", ":6:", "\"a-b\" is no part of a variable's name"},
        {"allocator: a\nwhat: \"\\e[2J\"\n", ":2:7: ", "one line"},
        {"allocator: a\nwhat: w\nenvironment: {prefix: \"A B\"}\n", ":3:14: ", "\"A B\" is no name of a variable"},
    };
    static struct allocator allocator;
    char message[1024];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(load(&allocator, bad[i].text, message, sizeof message));
        if (!strstr(message, bad[i].where) || !strstr(message, bad[i].what) ||
            strncmp(message, path, strlen(path)) != 0)
            fail_msg("case %zu: %s", i, message);
    }
    assert_false(allocator_load(&allocator, "/nowhere/a.yaml", message, sizeof message));
    assert_non_null(strstr(message, "/nowhere/a.yaml: cannot be read"));
}

/* The entries of ENVIRONMENT, with a blank after each. */
static const char *joined(const struct launch_environment *environment)
{
    static char text[512];
    text[0] = '\0';
    for (size_t i = 0; i < environment->count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", environment->list[i]);
    return text;
}

static const char *environment_of(const struct allocator *allocator, const struct subject_values *values)
{
    struct launch_environment environment = {.count = 0};
    struct subject subject = subject_allocator(allocator, NULL);
    subject.kind->launch(&subject, values, "", &environment);
    const char *text = joined(&environment);
    launch_clear(&environment);
    return text;
}

static void a_point_becomes_one_variable(void **state)
{
    (void)state;
    static struct allocator allocator;
    struct subject_values values;
    char message[1024];
    assert_true(
        load(&allocator,
             "allocator: planted\nwhat: w\n"
             "environment: {variable: CONF, pair: \":\", separator: \",\", switch: [\"no\", \"yes\"]}\n"
             "settings:\n"
             "  cache: {type: size, minimum: 4KiB, maximum: 1MiB, default: 64KiB, scale: log, what: w, source: s}\n"
             "  wait: {type: delay, minimum: 0, maximum: 10s, default: 1s, scale: log, what: w, source: s}\n"
             "  lazy: {type: switch, default: \"false\", what: w, source: s}\n"
             "  mode: {type: choice, choices: [a, b], default: a, what: w, source: s}\n",
             message, sizeof message));
    struct subject subject = subject_allocator(&allocator, NULL);
    subject_defaults(&subject, &values);
    assert_string_equal(environment_of(&allocator, NULL), "CONF ");
    assert_string_equal(environment_of(&allocator, &values), "CONF ");
    values = (struct subject_values){{128 << 10, 2000, 1, 1}};
    assert_string_equal(environment_of(&allocator, &values), "CONF=cache:131072,wait:2000,lazy:yes,mode:b ");
    values.value[0] = 64 << 10;
    assert_string_equal(environment_of(&allocator, &values), "CONF=wait:2000,lazy:yes,mode:b ");
    allocator_free(&allocator);
}

static void a_point_becomes_variables(void **state)
{
    (void)state;
    static struct allocator allocator;
    struct subject_values values = {{128 << 10, 1}};
    char message[1024];
    assert_true(load(&allocator,
                     HEAD " cache_kib:\n" SETTING
                          ", step: 1KiB}\n lazy: {type: switch, default: \"false\", what: w, source: s}\n",
                     message, sizeof message));
    assert_string_equal(environment_of(&allocator, NULL), "PLANT_CACHE_KIB PLANT_LAZY ");
    assert_string_equal(environment_of(&allocator, &values), "PLANT_CACHE_KIB=128 PLANT_LAZY=1 ");
    values.value[1] = 0;
    assert_string_equal(environment_of(&allocator, &values), "PLANT_CACHE_KIB=128 PLANT_LAZY ");
    allocator_free(&allocator);
}

static void versions_limit_settings(void **state)
{
    (void)state;
    static struct allocator allocator;
    static const struct {
        const char *version;
        bool old, new;
    } cases[] = {
        {"2.0", true, false}, {"2.0.9", true, false}, {"2.1", false, true}, {"2.10", false, true}, {"3", false, true}};
    char message[1024];
    assert_true(allocator_is_before("2.9", "2.10"));
    assert_true(allocator_is_before("5.2.1", "5.3.0"));
    assert_false(allocator_is_before("2.1.7", "2.1"));
    assert_false(allocator_is_before("2.1", "2.1.7"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(load(&allocator,
                         HEAD " old:\n" SETTING ", since: \"1.5\", until: \"2.0\"}\n new:\n" SETTING
                              ", since: \"2.1\"}\n",
                         message, sizeof message));
        allocator_limit_to(&allocator, cases[i].version);
        assert_int_equal(allocator.rows[0].searched, cases[i].old);
        assert_int_equal(allocator.rows[1].searched, cases[i].new);
        allocator_free(&allocator);
    }
}

/* What was saved may be replaced by what is saved; another file may not. */
static void a_default_depends_on_the_version(void **state)
{
    (void)state;
    static struct allocator allocator;
    static const struct {
        const char *version;
        uint64_t expected;
    } cases[] = {{"2.1", 10}, {"2.4.1", 10}, {"3.0", 1000}, {"3.4.3", 1000}};
    char message[1024];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(load(&allocator,
                         HEAD " wait: {type: delay, minimum: 0, maximum: 10s, default: {\"2.1\": 10ms, \"3.0\": 1s}, "
                              "scale: log, what: w, source: s}\n",
                         message, sizeof message));
        allocator_limit_to(&allocator, cases[i].version);
        assert_int_equal(allocator.rows[0].standard, cases[i].expected);
        allocator_free(&allocator);
    }
}

static void a_number_may_have_a_suffix(void **state)
{
    (void)state;
    static struct allocator allocator;
    struct subject_values values = {{128 << 10}};
    char message[1024], shown[64];
    assert_true(load(&allocator, HEAD " cache:\n" SETTING ", step: 1KiB, suffix: K}\n", message, sizeof message));
    assert_string_equal(environment_of(&allocator, &values), "PLANT_CACHE=128K ");
    assert_string_equal(allocator_value(&allocator, 0, 128 << 10, shown, sizeof shown), "128");
    allocator_free(&allocator);
}

static void own_files_are_known(void **state)
{
    (void)state;
    static struct allocator allocator;
    char message[1024];
    struct subject_values values = {{128 << 10}};
    const char *const comments[] = {"where it came from"};
    assert_true(load(&allocator, HEAD " cache:\n" SETTING "}\n", message, sizeof message));
    struct subject subject = subject_allocator(&allocator, "/lib/libplant.so");
    FILE *stream = fopen(path, "w");
    assert_true(subject.kind->write(&subject, &values, "name", comments, 1, stream));
    fclose(stream);
    assert_true(subject.kind->is_own(&subject, path, message, sizeof message));
    char text[256] = "";
    stream = fopen(path, "r");
    assert_true(fread(text, 1, sizeof text - 1, stream) > 0);
    fclose(stream);
    assert_string_equal(text, "# where it came from\nLD_PRELOAD=/lib/libplant.so\nPLANT_CACHE=131072\n");
    stream = fopen(path, "w");
    fputs("# mine\nlisten: 8080\n", stream);
    fclose(stream);
    assert_false(subject.kind->is_own(&subject, path, message, sizeof message));
    assert_non_null(strstr(message, ":2: neither a comment nor NAME=VALUE"));
    allocator_free(&allocator);
}

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_files_are_good),       cmocka_unit_test(faults_are_placed),
        cmocka_unit_test(a_point_becomes_one_variable), cmocka_unit_test(a_point_becomes_variables),
        cmocka_unit_test(versions_limit_settings),      cmocka_unit_test(a_default_depends_on_the_version),
        cmocka_unit_test(a_number_may_have_a_suffix),   cmocka_unit_test(own_files_are_known),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
