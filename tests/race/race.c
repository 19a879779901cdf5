/* SPDX-License-Identifier: MIT */
/* Tests of the measuring engine with real processes: tests/race/spinner as the workload, in all its moods.
 *
 * No time is asserted, only ratios of times that were taken in turns, with their own intervals, and that nothing is
 * left behind. Everything that a race starts carries a mark in its environment, by which it is looked for in /proc
 * afterwards. */
#include "config.h"

#include "cli/race/race.h"

#include "cli/race/process_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MARK "HAK_TRIAL_TEST_MARK"
#define LONG_OPS 1000000 /* about half a second */
#define PLENTY 100000000 /* more than any race here waits for */

static char mark[64];
static char *const spinner_command[] = {(char *)SPINNER, (char *)"spin", NULL};
static const struct workload spin_workload = {.workload = "spin"};
static const struct workload spin_command = {.command = spinner_command};

/* A contender that behaves as MOOD says (see spinner.c). */
#define CONTENDER(mood)                                            \
    {                                                              \
        .label = mood, .launch.environment = (const char *const[]) \
        {                                                          \
            "HAKMEM_PROFILE=/moods/" mood, NULL                    \
        }                                                          \
    }

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Processes (other than this one) that carry the mark, zombies excepted: those have no environment any more. */
static int marked_processes(void)
{
    DIR *directory = opendir("/proc");
    assert_non_null(directory);
    int found = 0;
    struct dirent *entry;
    while ((entry = readdir(directory))) {
        static char environment[1 << 16];
        char path[300];
        pid_t pid = (pid_t)atoi(entry->d_name);
        snprintf(path, sizeof path, "/proc/%s/environ", entry->d_name);
        int fd = pid > 0 && pid != getpid() ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        if (fd < 0)
            continue;
        ssize_t length = read(fd, environment, sizeof environment);
        close(fd);
        if (length > 0 && memmem(environment, (size_t)length, mark, strlen(mark)))
            found++;
    }
    closedir(directory);
    return found;
}

/* Nothing is left: no process with the mark, and no child, dead or alive. */
static void assert_nothing_left(void)
{
    assert_int_equal(marked_processes(), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void assert_ok(const struct race_result *result)
{
    assert_string_equal(result->message, "");
    assert_int_equal(result->status, RACE_OK);
    assert_true(result->active_s > 0);
    assert_true(result->blocks >= 1);
    for (size_t i = 0; i < result->blocks; i++)
        assert_true(result->block_s[i] > 0);
}

/* Log ratios of one contender against another, collected over races. */
struct ratios {
    double list[4096];
    size_t count;
};

static void collect(struct ratios *ratios, const struct race_result *base, const struct race_result *other)
{
    assert_int_equal(base->blocks, other->blocks);
    for (size_t i = 0; i < base->blocks; i++)
        ratios->list[ratios->count++] = log(other->block_s[i] / base->block_s[i]);
}

/* A fifth of the blocks at either end is cut off: bursts on a shared machine make outliers of tens of percent, which
 * are not the engine's. */
#define TRIMMED_SHARE 5

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Trimmed mean. Sorts the list. */
static double mean(struct ratios *ratios)
{
    size_t cut = ratios->count / TRIMMED_SHARE;
    double sum = 0;
    qsort(ratios->list, ratios->count, sizeof(ratios->list[0]), compare_doubles);
    for (size_t i = cut; i < ratios->count - cut; i++)
        sum += ratios->list[i];
    return sum / (double)(ratios->count - 2 * cut);
}

/* Standard error of the trimmed mean, from the winsorised variance (Tukey and McLaughlin 1963). */
static double error(struct ratios *ratios)
{
    size_t cut = ratios->count / TRIMMED_SHARE, left = ratios->count - 2 * cut;
    double centre = mean(ratios), sum = 0;
    for (size_t i = 0; i < ratios->count; i++) {
        size_t kept = i < cut ? cut : i >= ratios->count - cut ? ratios->count - cut - 1 : i;
        sum += (ratios->list[kept] - centre) * (ratios->list[kept] - centre);
    }
    return sqrt(sum / (double)(ratios->count - 1) * (double)ratios->count) / (double)left;
}

/* Ratio of the second contender's to the first's time in one race on WORK, over all blocks. */
static double ratio_in_one_race(const char *first, const char *second, const struct workload *work,
                                const struct race_options *options)
{
    char profiles[2][64];
    const char *const environments[2][2] = {{profiles[0]}, {profiles[1]}};
    struct race_contender contenders[2] = {{first, {NULL, environments[0]}}, {second, {NULL, environments[1]}}};
    snprintf(profiles[0], sizeof profiles[0], "HAKMEM_PROFILE=%s", first);
    snprintf(profiles[1], sizeof profiles[1], "HAKMEM_PROFILE=%s", second);
    struct race_result results[2];
    static struct ratios ratios;
    ratios.count = 0;
    assert_int_equal(race_run(contenders, 2, work, options, results), 0);
    assert_ok(&results[0]);
    assert_ok(&results[1]);
    collect(&ratios, &results[0], &results[1]);
    race_results_clear(results, 2);
    return exp(mean(&ratios));
}

/* ---- what is measured ---- */

static void equal_contenders_do_not_differ(void **state)
{
    (void)state;
    const struct race_contender contenders[] = {CONTENDER("plain"), CONTENDER("same")};
    const struct workload work = {.workload = "spin", .operations = LONG_OPS};
    static struct ratios ratios;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct race_result results[2];
        assert_int_equal(race_run(contenders, 2, &work, &(struct race_options){.seed = seed}, results), 0);
        assert_ok(&results[0]);
        assert_ok(&results[1]);
        collect(&ratios, &results[0], &results[1]);
        race_results_clear(results, 2);
    }
    print_message("equal: %+.2f %% +- %.2f (%zu blocks)\n", 100 * mean(&ratios), 196 * error(&ratios), ratios.count);
    assert_true(ratios.count >= 8);
    assert_true(fabs(mean(&ratios)) < fmax(0.015, 4 * error(&ratios)));
    assert_nothing_left();
}

/* One experiment of at most ten seconds: is a contender slowed by 3 % seen to be slower? */
static bool sees_three_percent(void)
{
    const struct race_contender contenders[] = {CONTENDER("plain"), CONTENDER("slow3")};
    const struct workload work = {.workload = "spin", .operations = LONG_OPS};
    static struct ratios ratios;
    double used_s = 0; /* of the ten that it may take; a loaded machine needs more of its own time for them */
    bool seen = false;
    ratios.count = 0;
    for (uint64_t seed = 1; !seen && used_s < 10; seed++) {
        struct race_result results[2];
        assert_int_equal(race_run(contenders, 2, &work, &(struct race_options){.seed = seed}, results), 0);
        collect(&ratios, &results[0], &results[1]);
        used_s += results[0].active_s + results[1].active_s;
        race_results_clear(results, 2);
        seen = ratios.count >= 16 && mean(&ratios) > 2.6 * error(&ratios); /* 99 % */
    }
    print_message("3 %% slower: %+.2f %% +- %.2f (%zu blocks)\n", 100 * mean(&ratios), 196 * error(&ratios),
                  ratios.count);
    return seen && fabs(mean(&ratios) - log(1.03)) < fmax(0.015, 4 * error(&ratios));
}

static void three_percent_are_seen(void **state)
{
    (void)state;
    /* A neighbour's burst may hide them for ten seconds, not three times in a row. */
    assert_true(sees_three_percent() || sees_three_percent() || sees_three_percent());
    assert_nothing_left();
}

static void unequal_speeds_are_compared_over_all_blocks(void **state)
{
    (void)state;
    const struct workload work = {.workload = "spin", .operations = LONG_OPS};
    double ratio = ratio_in_one_race("/moods/plain", "/moods/half", &work, &(struct race_options){.seed = 3});
    assert_true(ratio > 1.5 && ratio < 2.7);
    ratio = ratio_in_one_race("/moods/half", "/moods/monotonic", &work,
                              &(struct race_options){.seed = 3}); /* both clocks */
    assert_true(ratio > 0.3 && ratio < 0.75);
    assert_nothing_left();
}

static void several_threads_are_measured(void **state)
{
    (void)state;
    const struct workload work = {.workload = "spin", .operations = LONG_OPS, .threads = 2};
    double ratio = ratio_in_one_race("/moods/plain", "/moods/half", &work, &(struct race_options){.seed = 4});
    assert_true(ratio > 1.3 && ratio < 3.1);
    assert_nothing_left();
}

static void commands_are_measured(void **state)
{
    (void)state;
    double ratio = ratio_in_one_race("/moods/plain", "/moods/half", &spin_command, &(struct race_options){.seed = 5});
    assert_true(ratio > 1.3 && ratio < 3.1);
    assert_nothing_left();
}

static void whole_runs_are_measured(void **state)
{
    (void)state;
    double ratio = ratio_in_one_race("/moods/plain", "/moods/twentieth", &spin_command,
                                     &(struct race_options){.seed = 6, .interleave = RACE_RUNS});
    assert_true(ratio > 3);
    assert_nothing_left();
}

static void a_deadline_keeps_the_blocks(void **state)
{
    (void)state;
    const struct race_contender contenders[] = {CONTENDER("plain"), CONTENDER("same"), CONTENDER("twentieth")};
    const struct workload work = {.workload = "spin", .operations = 20 * LONG_OPS};
    struct race_result results[3];
    double begin = now_s();
    assert_int_equal(race_run(contenders, 3, &work, &(struct race_options){.seed = 7, .deadline = begin + 8}, results),
                     0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(results[i].status, RACE_CUT);
    assert_true(results[0].blocks > 0);
    assert_int_equal(results[0].blocks, results[1].blocks);
    assert_int_equal(results[2].blocks,
                     0); /* its measured work has not begun; that does not cost the others their blocks */
    race_results_clear(results, 3);
    assert_nothing_left();
}

static void who_is_far_behind_does_not_hold_up_the_race(void **state)
{
    (void)state;
    const struct race_contender contenders[] = {CONTENDER("plain"), CONTENDER("twentieth")};
    const struct workload work = {.workload = "spin", .operations = LONG_OPS};
    struct race_result results[2];
    assert_int_equal(race_run(contenders, 2, &work, &(struct race_options){.seed = 8, .cut_far_behind = true}, results),
                     0);
    assert_int_equal(results[0].status, RACE_OK);
    assert_int_equal(results[1].status, RACE_BEHIND);
    assert_non_null(strstr(results[1].message, "far slower"));
    assert_int_equal(results[1].blocks, results[0].blocks);
    assert_true(results[1].block_s[0] > 4 * results[0].block_s[0]);
    assert_true(results[1].active_s < 10 * results[0].active_s);
    race_results_clear(results, 2);
    assert_nothing_left();
}

static void memory_is_that_of_the_tree(void **state)
{
    (void)state;
    const struct race_contender contenders[] = {CONTENDER("plain"), CONTENDER("memory")};
    struct race_result results[2];
    assert_int_equal(race_run(contenders, 2, &spin_command, &(struct race_options){.seed = 8}, results), 0);
    assert_ok(&results[0]);
    assert_ok(&results[1]);
    assert_true(results[0].peak_resident > 100000 && results[0].peak_resident < 32u << 20);
    assert_true(results[1].peak_resident >= 128u << 20 && results[1].peak_resident < 160u << 20);
    race_results_clear(results, 2);
    assert_nothing_left();
}

/* Each holds 128 MiB. Where they are up together they are ended before they do harm; one after the other they do not
 * count together. */
static void memory_of_all_together_is_bounded(void **state)
{
    (void)state;
    const struct race_contender contenders[] = {CONTENDER("memory"), CONTENDER("memory")};
    struct race_result results[2];
    struct race_options options = {.seed = 8, .memory_limit = 100u << 20};
    assert_int_equal(race_run(contenders, 2, &spin_command, &options, results), -1);
    assert_int_equal(errno, EDQUOT);
    assert_nothing_left();
    options.interleave = RACE_RUNS;
    assert_int_equal(race_run(contenders, 2, &spin_command, &options, results), 0);
    assert_ok(&results[0]);
    assert_ok(&results[1]);
    race_results_clear(results, 2);
    options = (struct race_options){.seed = 8, .memory_limit = 400u << 20};
    assert_int_equal(race_run(contenders, 2, &spin_command, &options, results), 0);
    race_results_clear(results, 2);
}

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
    assert_true(result.cpu_s < 2.2 * result.active_s);
}

static void restless_processes_are_caught(void **state)
{
    (void)state;
    struct race_result result = race_with("comet", &spin_command);
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

/* ---- the race and its surroundings ---- */

static volatile int interrupted;

static void on_alarm(int number)
{
    (void)number;
    interrupted = 1;
}

static void interrupt_a_race(enum race_interleave interleave)
{
    const struct race_contender contenders[] = {CONTENDER("plain"), CONTENDER("daemon")};
    char ops[32];
    snprintf(ops, sizeof ops, "%d", PLENTY);
    char *const command[] = {(char *)SPINNER, (char *)"spin", (char *)"--ops", ops, NULL};
    const struct workload work = {.command = command};
    struct race_result results[2];
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval alarm_time = {.it_value = {.tv_usec = 300000}};
    interrupted = 0;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &alarm_time, NULL);
    struct race_options options = {.interleave = interleave, .interrupted = &interrupted};
    assert_int_equal(race_run(contenders, 2, &work, &options, results), -1);
    assert_int_equal(errno, ECANCELED);
    assert_null(results[0].block_s);
    assert_nothing_left();
}

static void an_interrupt_cleans_up(void **state)
{
    (void)state;
    interrupt_a_race(RACE_SLICES);
    interrupt_a_race(RACE_RUNS);
}

/* Holds a race of commands whose own children run on, until it is killed. */
static _Noreturn void race_until_killed(void)
{
    char *const command[] = {(char *)"sh", (char *)"-c",
                             (char *)"(while :; do sleep 0.01; done) & while :; do sleep 0.01; done", NULL};
    const struct race_contender contenders[] = {CONTENDER("plain"), CONTENDER("same")};
    const struct workload work = {.command = command};
    struct race_result results[2];
    race_run(contenders, 2, &work, &(struct race_options){.time_limit_s = 1000}, results);
    _exit(1);
}

/* The first test: the child's reaper has to be its own. */
static void nothing_outlives_a_killed_race(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        race_until_killed();
    for (int i = 0; i < 500 && marked_processes() < 4; i++)
        usleep(10000);
    usleep(100000);
    assert_true(marked_processes() >= 4);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    for (int i = 0; i < 500 && marked_processes() > 0; i++)
        usleep(10000);
    assert_nothing_left();
}

static void this_process_is_as_it_was(void **state)
{
    (void)state;
    int before = -1, after = -1, status;
    prctl(PR_GET_CHILD_SUBREAPER, &before);
    int slack = prctl(PR_GET_TIMERSLACK);
    pid_t stranger = fork(); /* a child that is none of the race's business */
    if (stranger == 0) {
        pause();
        _exit(0);
    }
    ratio_in_one_race("/moods/plain", "/moods/daemon", &spin_command, &(struct race_options){.seed = 11});
    prctl(PR_GET_CHILD_SUBREAPER, &after);
    assert_int_equal(before, after);
    assert_int_equal(slack, prctl(PR_GET_TIMERSLACK));
    assert_int_equal(waitpid(stranger, &status, WNOHANG | WUNTRACED), 0);
    kill(stranger, SIGKILL);
    assert_int_equal(waitpid(stranger, &status, 0), stranger);
    assert_nothing_left();
}

static void both_ways_to_find_children_agree(void **state)
{
    (void)state;
    pid_t started[3], *fast, *slow;
    for (int i = 0; i < 3; i++)
        if ((started[i] = fork()) == 0) {
            pause();
            _exit(0);
        }
    size_t fast_count = process_children(getpid(), &fast), slow_count = process_children_by_scan(getpid(), &slow);
    assert_int_equal(fast_count, 3);
    assert_int_equal(slow_count, 3);
    for (int i = 0; i < 3; i++) {
        bool found = false;
        for (int j = 0; j < 3; j++)
            found |= fast[i] == slow[j];
        assert_true(found);
    }
    free(fast);
    free(slow);
    for (int i = 0; i < 3; i++) {
        kill(started[i], SIGKILL);
        waitpid(started[i], NULL, 0);
    }
}

int main(void)
{
    snprintf(mark, sizeof mark, "%d-%ld", (int)getpid(), (long)time(NULL));
    setenv(MARK, mark, 1);
    setenv("HAKMEM_BENCH", SPINNER, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_outlives_a_killed_race),
        cmocka_unit_test(equal_contenders_do_not_differ),
        cmocka_unit_test(three_percent_are_seen),
        cmocka_unit_test(unequal_speeds_are_compared_over_all_blocks),
        cmocka_unit_test(several_threads_are_measured),
        cmocka_unit_test(commands_are_measured),
        cmocka_unit_test(whole_runs_are_measured),
        cmocka_unit_test(a_deadline_keeps_the_blocks),
        cmocka_unit_test(who_is_far_behind_does_not_hold_up_the_race),
        cmocka_unit_test(memory_is_that_of_the_tree),
        cmocka_unit_test(memory_of_all_together_is_bounded),
        cmocka_unit_test(a_crash_is_reported),
        cmocka_unit_test(an_exit_status_is_reported_with_the_last_line),
        cmocka_unit_test(a_hang_is_ended),
        cmocka_unit_test(ignored_signals_do_not_help),
        cmocka_unit_test(children_are_part_of_the_contender),
        cmocka_unit_test(daemons_are_stopped_with_their_contender_and_killed),
        cmocka_unit_test(restless_processes_are_caught),
        cmocka_unit_test(a_command_that_cannot_be_run_is_reported),
        cmocka_unit_test(a_missing_bench_is_reported),
        cmocka_unit_test(a_library_that_cannot_be_loaded_is_not_measured),
        cmocka_unit_test(senseless_races_are_refused),
        cmocka_unit_test(the_environment_is_the_contenders_own),
        cmocka_unit_test(who_runs_without_the_library_is_not_measured),
        cmocka_unit_test(the_work_counts_not_the_script),
        cmocka_unit_test(a_library_is_preloaded_wherever_it_lies),
        cmocka_unit_test(an_interrupt_cleans_up),
        cmocka_unit_test(this_process_is_as_it_was),
        cmocka_unit_test(both_ways_to_find_children_agree),
    };
    return cmocka_run_group_tests_name("race", tests, NULL, NULL);
}
