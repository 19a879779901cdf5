/* SPDX-License-Identifier: MIT */
/* Tests of the measuring engine with contenders that misbehave, that cannot be run, and that run without the library.
 */
#include "config.h"

#include "tests/race/marked.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* ---- contenders that misbehave ---- */

/* Races a well-behaved contender, one in MOOD and another well-behaved one; the two must be unharmed, and nothing left.
 */
static struct race_result race_with(const char *mood, const struct workload *work)
{
    char profile[64];
    const char *const environment[] = {profile, NULL};
    snprintf(profile, sizeof profile, "HAKMEM_PROFILE=/moods/%s", mood);
    struct race_contender contenders[3] = {CONTENDER("plain"), {"middle", {NULL, environment}}, CONTENDER("same")};
    struct race_result results[3];
    assert_int_equal(race_run(contenders, 3, work, &(struct race_options){.seed = 9, .time_limit_s = 2}, results), 0);
    assert_ok(&results[0]);
    assert_ok(&results[2]);
    struct race_result middle = results[1];
    middle.block_s = NULL;
    race_results_clear(results, 3);
    assert_nothing_left();
    return middle;
}

static void a_crash_is_reported(void **state)
{
    (void)state;
    struct race_result result = race_with("crash", &spin_command);
    assert_int_equal(result.status, RACE_CRASHED);
    assert_int_equal(result.code, SIGABRT);
    assert_int_equal(result.blocks, 0);
    assert_non_null(strstr(result.message, "middle: crashed: signal 6"));
    assert_int_equal(race_with("crash", &spin_workload).status, RACE_CRASHED);
}

static void an_exit_status_is_reported_with_the_last_line(void **state)
{
    (void)state;
    struct race_result result = race_with("status", &spin_command);
    assert_int_equal(result.status, RACE_FAILED);
    assert_int_equal(result.code, 7);
    assert_string_equal(result.message, "middle: failed: exit status 7: the reason");
}

static void a_hang_is_ended(void **state)
{
    (void)state;
    struct race_result result = race_with("hang", &spin_workload);
    assert_int_equal(result.status, RACE_HUNG);
    assert_true(strlen(result.message) > 0);
    assert_int_equal(race_with("asleep", &spin_command).status, RACE_HUNG);
}

static void ignored_signals_do_not_help(void **state)
{
    (void)state;
    assert_int_equal(race_with("deaf", &spin_command).status, RACE_HUNG);
}

static void children_are_part_of_the_contender(void **state)
{
    (void)state;
    assert_int_equal(race_with("children", &spin_command).status, RACE_OK);
    assert_int_equal(race_with("vfork", &spin_command).status, RACE_OK);
    assert_int_equal(race_with("headless", &spin_command).status, RACE_OK);
}

static void daemons_are_stopped_with_their_contender_and_killed(void **state)
{
    (void)state;
    struct race_result result = race_with("daemon", &spin_command);
    assert_int_equal(result.status, RACE_OK);
    /* Two processes spin while the contender has its turn, on no more than two cores' time; had the daemon run in the
     * others' turns as well, it alone would have used three times the active time. */
    assert_true(result.sample.value[METRIC_CPU_TIME] < 2.2 * result.sample.value[METRIC_TIME]);
}

static void restless_processes_are_caught(void **state)
{
    (void)state;
    struct race_result result = race_with("comet", &spin_command);
    assert_true(result.status == RACE_OK || result.status == RACE_HUNG);
}

/* Whole generations of daemons that ignore signals and bring each other back to life. */
static void bombs_end_with_their_contender(void **state)
{
    (void)state;
    struct race_result result = race_with("bomb", &spin_command);
    assert_true(result.status == RACE_OK || result.status == RACE_HUNG);
}

/* ---- commands that cannot be run ---- */

static void assert_not_started(char *const *command, int code)
{
    const struct race_contender contenders[] = {CONTENDER("plain"), CONTENDER("same")};
    const struct workload work = {.command = command};
    struct race_result results[2];
    assert_int_equal(race_run(contenders, 2, &work, &(struct race_options){.seed = 10}, results), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(results[i].status, RACE_NOT_STARTED);
        assert_int_equal(results[i].code, code);
        assert_non_null(strstr(results[i].message, strerror(code)));
    }
    race_results_clear(results, 2);
    assert_nothing_left();
}

static void a_command_that_cannot_be_run_is_reported(void **state)
{
    (void)state;
    assert_not_started((char *[]){(char *)"/nowhere/nothing", NULL}, ENOENT);
    assert_not_started((char *[]){(char *)"no-such-command-anywhere", NULL}, ENOENT);
    assert_not_started((char *[]){(char *)"/", NULL}, EACCES);
}

static void a_missing_bench_is_reported(void **state)
{
    (void)state;
    const struct race_contender contender = CONTENDER("plain");
    struct race_result result;
    setenv("HAKMEM_BENCH", "/nowhere/hakmem-bench", 1);
    assert_int_equal(race_run(&contender, 1, &spin_workload, &(struct race_options){0}, &result), 0);
    setenv("HAKMEM_BENCH", SPINNER, 1);
    assert_int_equal(result.status, RACE_NOT_STARTED);
    assert_int_equal(result.code, ENOENT);
    assert_non_null(strstr(result.message, "hakmem-bench"));
}

static void a_library_that_cannot_be_loaded_is_not_measured(void **state)
{
    (void)state;
    const struct race_contender contenders[] = {CONTENDER("plain"),
                                                {.label = "gone", .launch.library = "/nowhere/lib.so"}};
    struct race_result results[2];
    assert_int_equal(race_run(contenders, 2, &spin_command, &(struct race_options){0}, results), 0);
    assert_ok(&results[0]);
    assert_int_equal(results[1].status, RACE_NOT_STARTED);
    assert_int_equal(results[1].code, ENOENT);
    race_results_clear(results, 2);
    assert_nothing_left();
}

static void senseless_races_are_refused(void **state)
{
    (void)state;
    const struct race_contender contender = CONTENDER("plain");
    const struct workload nothing = {0};
    struct race_result result;
    assert_int_equal(race_run(&contender, 0, &spin_command, &(struct race_options){0}, &result), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(race_run(&contender, 1, &nothing, &(struct race_options){0}, &result), -1);
    assert_int_equal(errno, EINVAL);
}

/* ---- what contenders see ---- */

/* Runs a shell script as a contender of LAUNCH; it must exit with 0. */
static void assert_sees(const char *script, const struct launch *launch)
{
    const struct race_contender contender = {.label = "shell", .launch = *launch};
    char *const command[] = {(char *)"sh", (char *)"-c", (char *)script, NULL};
    const struct workload work = {.command = command};
    struct race_result result;
    assert_int_equal(race_run(&contender, 1, &work, &(struct race_options){.seed = 42}, &result), 0);
    assert_ok(&result);
    race_results_clear(&result, 1);
}

static void the_environment_is_the_contenders_own(void **state)
{
    (void)state;
    const char *const own[] = {"HAKMEM_PROFILE=/a/profile.yaml", "TUNED=by its launch", "LEFT", NULL};
    setenv("HAKMEM_PROFILE", "/the/users", 1);
    setenv("TUNED", "by the user", 1);
    setenv("LEFT", "by the user", 1);
    setenv("TUNED_TOO", "by the user", 1);
    assert_sees("test \"$HAKMEM_SEED\" = 42 && test \"$HAKMEM_PROFILE\" = /a/profile.yaml",
                &(struct launch){NULL, own});
    assert_sees("test \"$TUNED\" = 'by its launch' && test -z \"${LEFT+set}\"", &(struct launch){NULL, own});
    assert_sees("test \"$(env | grep -c ^TUNED=)\" = 1 && test \"$TUNED_TOO\" = 'by the user'",
                &(struct launch){NULL, own});
    assert_sees("test -z \"${HAKMEM_PROFILE+set}\" && test -z \"$HAKMEM_PROGRESS_FD\"", &(struct launch){NULL, NULL});
    assert_sees("test \"$LEFT\" = 'by the user'", &(struct launch){NULL, NULL});
    unsetenv("TUNED");
    unsetenv("LEFT");
    unsetenv("TUNED_TOO");
    assert_string_equal(getenv("HAKMEM_PROFILE"), "/the/users");
    unsetenv("HAKMEM_PROFILE");
}

/* Finds the C library's own maths library, as a library that can be preloaded into anything, and copies it to PATH. */
static void copy_a_library(const char *path)
{
    char command[600];
    snprintf(command, sizeof command,
             "cp \"$(ldd %s | sed -n 's,.*=> \\(.*\\)/libc\\.so\\([^ ]*\\) .*,\\1/libm.so\\2,p')\" '%s'", SPINNER,
             path);
    assert_int_equal(system(command), 0);
}

/* With and without the environment that names it. */
static void who_runs_without_the_library_is_not_measured(void **state)
{
    (void)state;
    char directory[] = "/tmp/race_test.XXXXXX", library[64];
    assert_non_null(mkdtemp(directory));
    snprintf(library, sizeof library, "%s/lib.so", directory);
    copy_a_library(library);
    const struct race_contender contender = {.label = "preloaded", .launch.library = library};
    char *const with[] = {(char *)"env", (char *)"-u", (char *)"NOTHING", (char *)SPINNER, (char *)"spin", NULL};
    char *const without[] = {(char *)"env", (char *)"-u", (char *)"LD_PRELOAD", (char *)SPINNER, (char *)"spin", NULL};
    for (int i = 0; i < 4; i++) {
        const struct workload work = {.command = i % 2 == 0 ? with : without};
        struct race_result result;
        assert_int_equal(race_run(&contender, 1, &work,
                                  &(struct race_options){.interleave = i < 2 ? RACE_SLICES : RACE_RUNS}, &result),
                         0);
        assert_int_equal(result.status, i % 2 == 0 ? RACE_OK : RACE_NOT_LOADED);
        assert_true(i % 2 == 0 || strstr(result.message, "LD_PRELOAD"));
        assert_int_equal(result.blocks, i % 2 == 0);
        race_results_clear(&result, 1);
    }
    unlink(library);
    rmdir(directory);
    assert_nothing_left();
}

/* Runs COMMAND with a library that it does not get: who did the work, and why it is without, are named. */
static void assert_not_loaded(const char *library, const char *command, const char *who, const char *why)
{
    const char *const profile[] = {"HAKMEM_PROFILE=/moods/plain", NULL};
    const struct race_contender contender = {.label = "preloaded", .launch = {library, profile}};
    char *const words[] = {(char *)"sh", (char *)"-c", (char *)command, NULL};
    const struct workload work = {.command = words};
    struct race_result result;
    assert_int_equal(race_run(&contender, 1, &work, &(struct race_options){0}, &result), 0);
    print_message("%s\n", result.message);
    assert_int_equal(result.status, RACE_NOT_LOADED);
    assert_non_null(strstr(result.message, who));
    assert_non_null(strstr(result.message, why));
    race_results_clear(&result, 1);
}

/* The shell has the library; what it starts does the work. */
static void the_work_counts_not_the_script(void **state)
{
    (void)state;
    char directory[] = "/tmp/race_test.XXXXXX", library[64], command[600];
    struct race_result result;
    assert_non_null(mkdtemp(directory));
    snprintf(library, sizeof library, "%s/lib.so", directory);
    copy_a_library(library);
    assert_not_loaded(library, "env -i " SPINNER " spin; exit 0", "spinner", "clears its LD_PRELOAD");
    assert_not_loaded(library, "unset HAKMEM_PROFILE; " SPINNER " spin; exit 0", "its settings",
                      "clears its HAKMEM_PROFILE");
    snprintf(command, sizeof command, "%s spin; exit 0", OWN_MALLOC);
    assert_not_loaded(library, command, "own_malloc", "own: malloc of own_malloc");
    const struct race_contender plain = {.label = "plain"};
    char *const words[] = {(char *)OWN_MALLOC, NULL};
    const struct workload work = {.command = words};
    assert_int_equal(race_run(&plain, 1, &work, &(struct race_options){0}, &result), 0);
    assert_string_equal(result.allocator, "own: malloc of own_malloc");
    race_results_clear(&result, 1);
    unlink(library);
    rmdir(directory);
    assert_nothing_left();
}

static void a_library_is_preloaded_wherever_it_lies(void **state)
{
    (void)state;
    char folder[] = "/tmp/trial test XXXXXX", path[128];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/lib$x: y.so", folder);
    copy_a_library(path);
    assert_sees("grep -qF 'lib$x: y.so' /proc/self/maps", &(struct launch){path, NULL});
    setenv("LD_PRELOAD", "libdl.so.2", 1);
    assert_sees("case \"$LD_PRELOAD\" in *library.so:libdl.so.2) exit 0;; esac; exit 1", &(struct launch){path, NULL});
    assert_sees("test \"$LD_PRELOAD\" = libdl.so.2", &(struct launch){NULL, NULL});
    unsetenv("LD_PRELOAD");
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    mark_processes();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_is_reported),
        cmocka_unit_test(an_exit_status_is_reported_with_the_last_line),
        cmocka_unit_test(a_hang_is_ended),
        cmocka_unit_test(ignored_signals_do_not_help),
        cmocka_unit_test(children_are_part_of_the_contender),
        cmocka_unit_test(daemons_are_stopped_with_their_contender_and_killed),
        cmocka_unit_test(restless_processes_are_caught),
        cmocka_unit_test(bombs_end_with_their_contender),
        cmocka_unit_test(a_command_that_cannot_be_run_is_reported),
        cmocka_unit_test(a_missing_bench_is_reported),
        cmocka_unit_test(a_library_that_cannot_be_loaded_is_not_measured),
        cmocka_unit_test(senseless_races_are_refused),
        cmocka_unit_test(the_environment_is_the_contenders_own),
        cmocka_unit_test(who_runs_without_the_library_is_not_measured),
        cmocka_unit_test(the_work_counts_not_the_script),
        cmocka_unit_test(a_library_is_preloaded_wherever_it_lies),
    };
    return cmocka_run_group_tests_name("contenders", tests, NULL, NULL);
}
