/* SPDX-License-Identifier: MIT */
/* Tests of the measuring engine with real processes: what is measured, and what a race leaves of its surroundings.
 *
 * No time is asserted, only ratios of times that were taken in turns, with their own intervals, and that nothing is
 * left behind. */
#include "config.h"

#include "cli/race/process_tree.h"
#include "tests/race/marked.h"

#include <math.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
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

/* Whether the second contender takes LOW to HIGH times as long as the first. Who else is on the machine may spoil a
 * race or two, not three in a row. */
static bool takes_times(const char *first, const char *second, const struct workload *work,
                        const struct race_options *options, double low, double high)
{
    double ratio = NAN;
    for (int i = 0; i < 3 && !(ratio > low && ratio < high); i++) {
        ratio = ratio_in_one_race(first, second, work, options);
        print_message("%s to %s: %.2f\n", second, first, ratio);
    }
    return ratio > low && ratio < high;
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

/* Nobody runs in another's turn. */
static void turns_are_kept_where_they_are_asked_for(void **state)
{
    (void)state;
    const struct race_contender contenders[] = {CONTENDER("plain"), CONTENDER("same")};
    const struct workload work = {.workload = "spin", .operations = LONG_OPS};
    struct race_result results[2];
    assert_int_equal(race_run(contenders, 2, &work, &(struct race_options){.keep_turns = true}, results), 0);
    const struct race_turn *turns = results[0].turns, *others = results[1].turns;
    assert_true(results[0].turn_count > 4 && results[0].turn_count <= RACE_MOST_TURNS);
    for (size_t i = 0; i < results[0].turn_count; i++) {
        assert_true(turns[i].begin_s >= 0 && turns[i].seconds > 0);
        assert_true(i == 0 || turns[i].begin_s >= turns[i - 1].begin_s + turns[i - 1].seconds);
        for (size_t j = 0; j < results[1].turn_count; j++)
            assert_true(turns[i].begin_s + turns[i].seconds <= others[j].begin_s ||
                        others[j].begin_s + others[j].seconds <= turns[i].begin_s);
    }
    race_results_clear(results, 2);
    assert_int_equal(
        race_run(contenders, 2, &work, &(struct race_options){.interleave = RACE_RUNS, .keep_turns = true}, results),
        0);
    assert_true(results[0].turn_count == 1 && results[1].turn_count == 1);
    race_results_clear(results, 2);
    assert_int_equal(race_run(contenders, 2, &work, &(struct race_options){.seed = 1}, results), 0);
    assert_null(results[0].turns);
    race_results_clear(results, 2);
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
        used_s += results[0].sample.value[METRIC_TIME] + results[1].sample.value[METRIC_TIME];
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
    const struct race_options options = {.seed = 3};
    assert_true(takes_times("/moods/plain", "/moods/half", &work, &options, 1.5, 2.7));
    assert_true(takes_times("/moods/half", "/moods/monotonic", &work, &options, 0.3, 0.75)); /* both clocks */
    assert_nothing_left();
}

static void several_threads_are_measured(void **state)
{
    (void)state;
    const struct workload work = {.workload = "spin", .operations = LONG_OPS, .threads = 2};
    const struct race_options options = {.seed = 4};
    assert_true(takes_times("/moods/plain", "/moods/half", &work, &options, 1.3, 3.1));
    assert_nothing_left();
}

static void commands_are_measured(void **state)
{
    (void)state;
    const struct race_options options = {.seed = 5};
    assert_true(takes_times("/moods/plain", "/moods/half", &spin_command, &options, 1.3, 3.1));
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
    assert_true(results[1].sample.value[METRIC_TIME] < 10 * results[0].sample.value[METRIC_TIME]);
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
    assert_true(results[0].sample.value[METRIC_PEAK_MEMORY] > 100000 &&
                results[0].sample.value[METRIC_PEAK_MEMORY] < 32u << 20);
    assert_true(results[1].sample.value[METRIC_PEAK_MEMORY] >= 128u << 20 &&
                results[1].sample.value[METRIC_PEAK_MEMORY] < 160u << 20);
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

/* Holds a race of COMMAND, whose own children run on, until it is killed. */
static _Noreturn void race_until_killed(char *const *command)
{
    const struct race_contender contenders[] = {CONTENDER("daemon"), CONTENDER("daemon")};
    const struct workload work = {.command = command};
    struct race_result results[2];
    race_run(contenders, 2, &work, &(struct race_options){.time_limit_s = 1000}, results);
    _exit(1);
}

/* Looks, 10 ms apart, at what takes no time on a machine that has some. */
#define TRIES 6000

static void kill_race_of(char *const *command)
{
    pid_t child = fork();
    if (child == 0)
        race_until_killed(command);
    for (int i = 0; i < TRIES && marked_processes() < 4; i++)
        usleep(10000);
    usleep(100000);
    assert_true(marked_processes() >= 4);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    for (int i = 0; i < TRIES && marked_processes() > 0; i++)
        usleep(10000);
    assert_nothing_left();
}

/* The first test: the child's reaper has to be its own. */
static void nothing_outlives_a_killed_race(void **state)
{
    (void)state;
    char ops[32];
    snprintf(ops, sizeof ops, "%d", PLENTY);
    kill_race_of((char *[]){(char *)"sh", (char *)"-c",
                            (char *)"(while :; do sleep 0.01; done) & while :; do sleep 0.01; done", NULL});
    /* daemons, in sessions of their own, that ignore signals */
    kill_race_of((char *[]){(char *)SPINNER, (char *)"spin", (char *)"--ops", ops, NULL});
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
    mark_processes();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_outlives_a_killed_race),
        cmocka_unit_test(equal_contenders_do_not_differ),
        cmocka_unit_test(turns_are_kept_where_they_are_asked_for),
        cmocka_unit_test(three_percent_are_seen),
        cmocka_unit_test(unequal_speeds_are_compared_over_all_blocks),
        cmocka_unit_test(several_threads_are_measured),
        cmocka_unit_test(commands_are_measured),
        cmocka_unit_test(whole_runs_are_measured),
        cmocka_unit_test(a_deadline_keeps_the_blocks),
        cmocka_unit_test(who_is_far_behind_does_not_hold_up_the_race),
        cmocka_unit_test(memory_is_that_of_the_tree),
        cmocka_unit_test(memory_of_all_together_is_bounded),
        cmocka_unit_test(an_interrupt_cleans_up),
        cmocka_unit_test(this_process_is_as_it_was),
        cmocka_unit_test(both_ways_to_find_children_agree),
    };
    return cmocka_run_group_tests_name("race", tests, NULL, NULL);
}
