/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The race: starts all contenders stopped, gives them turns in random order until each has ended or the race
 * does, and turns what was seen into results. Below: slicer, child, reaper, process_tree, blocks, cli/workload. One
 * race at a time in a process. */
#include "config.h"

#include "cli/race/race.h"

#include "cli/race/blocks.h"
#include "cli/race/child.h"
#include "cli/race/clock.h"
#include "cli/race/process_tree.h"
#include "cli/race/reaper.h"
#include "cli/race/slicer.h"
#include "cli/workload/workload.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Shorter turns measure cold caches, and flatter the smaller footprint; longer ones let the machine drift between them.
 */
#define DEFAULT_SLICE_MS 8
#define DEFAULT_TIME_LIMIT_S 60.0
/* Between two looks at the memory of a contender that is not stopped. */
#define SAMPLE_NS (20 * NS_PER_MS)
/* A contender may be so many of its turns ahead of the others in work before it is passed over. */
#define TURNS_AHEAD 2

/* One contender in the race. */
struct runner {
    const struct race_contender *contender;
    struct race_result *result;
    struct child child;
    struct process_tree tree;
    bool running;        /* started, without a result yet */
    uint64_t origin_ns;  /* its first continue: where the page's active time begins */
    uint64_t stopped_ns; /* its last confirmed stop */
    uint64_t active_ns;  /* so far, without what it waited for a processor */
    struct blocks_turns waits;
    uint64_t turns; /* so far, since its measured work began */
    uint64_t peak_resident;
    bool has_library;         /* it was seen in one of its processes */
    unsigned without_library; /* looks that did not find it */
};

struct race {
    const struct workload *work;
    const struct race_options *options;
    struct workload_command command;
    struct process_family family;
    struct runner *runners;
    size_t count;
    uint64_t slice_ns;
    uint64_t time_limit_ns;
    uint64_t deadline_ns;         /* UINT64_MAX: none */
    uint64_t random;              /* state of the generator for the order of turns */
    unsigned long timer_slack_ns; /* the caller's own, for the children */
};

/* What a race changes in this process, to be put back. */
struct process_settings {
    int subreaper;
    unsigned long timer_slack_ns;
    struct sigaction child_action;
};

/* ---- order ---- */

/* splitmix64 (Steele, Lea, Flood 2014): any seed will do, 0 included. */
static uint64_t next_random(struct race *race)
{
    uint64_t z = race->random += 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

/* A random permutation of 0..count-1. */
static void shuffle(struct race *race, size_t *order)
{
    for (size_t i = 0; i < race->count; i++) {
        size_t j = (size_t)(next_random(race) % (i + 1));
        order[i] = order[j];
        order[j] = i;
    }
}

/* ---- results ---- */

/* Sets the status and a line for people: LABEL: TEXT, and the last line that the contender wrote to stderr. */
__attribute__((format(printf, 4, 5))) static void set_status(struct runner *runner, enum race_status status, int code,
                                                             const char *format, ...)
{
    char text[192], last_stderr[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    child_last_error_line(&runner->child, last_stderr, sizeof last_stderr);
    struct race_result *result = runner->result;
    result->status = status;
    result->code = code;
    int length = snprintf(result->message, sizeof result->message, "%.60s: %s", runner->contender->label, text);
    if (last_stderr[0] && length > 0 && (size_t)length < sizeof result->message)
        snprintf(result->message + length, sizeof result->message - (size_t)length, ": %s", last_stderr);
}

/* Status and code of a contender whose first process has ended by itself. */
static void set_status_of_end(struct runner *runner, const char *command)
{
    int status = runner->child.status, error = child_exec_error(&runner->child);
    if (error)
        set_status(runner, RACE_NOT_STARTED, error, "cannot run %.60s: %s", command, strerror(error));
    else if (WIFSIGNALED(status))
        set_status(runner, RACE_CRASHED, WTERMSIG(status), "crashed: signal %d (%s)", WTERMSIG(status),
                   strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != 0)
        set_status(runner, RACE_FAILED, WEXITSTATUS(status), "failed: exit status %d", WEXITSTATUS(status));
}

static void raise_to(uint64_t *peak, uint64_t value)
{
    if (value > *peak)
        *peak = value;
}

/* A program that has just been started may not have come to it, and a short one may never be seen with it. */
#define LOOKS_TO_BE_SURE 4

/* Looks for the library in the tree, until it is there: LD_PRELOAD does nothing to a static program, or where a script
 * has cleared the environment. */
static void look_for_library(struct runner *runner)
{
    if (!runner->contender->library || runner->has_library)
        return;
    int maps = process_tree_maps(&runner->tree, runner->contender->library);
    runner->has_library = maps == 1;
    runner->without_library += maps == 0;
}

static bool ran_without_library(const struct runner *runner)
{
    return !runner->has_library && runner->without_library >= LOOKS_TO_BE_SURE;
}

/* Notes how much memory the tree holds now. The sum counts pages that processes share in each of them. */
static void note_resident(struct runner *runner)
{
    if (!child_has_executed(&runner->child)) /* still a copy of this process */
        return;
    raise_to(&runner->peak_resident, process_tree_resident(&runner->tree));
    look_for_library(runner);
    if (!runner->child.progress && !runner->child.exited)
        raise_to(&runner->peak_resident, process_peak_resident(runner->child.pid));
}

/* Ends a contender, by force what is left of it, and adds up. Its status has been set (RACE_OK is 0, as the result was
 * cleared). */
static void finish(struct runner *runner)
{
    struct race_result *result = runner->result;
    if (ran_without_library(runner) && race_took_part(result))
        set_status(runner, RACE_NOT_LOADED, 0, "ran without %.40s: is it static, or does it clear LD_PRELOAD?",
                   basename(runner->contender->library));
    if (slicer_kill(&runner->child, &runner->tree) != 0) {
        size_t length = strlen(result->message);
        snprintf(result->message + length, sizeof result->message - length,
                 "%s%s: a process it started cannot be killed", length ? "; " : "",
                 length ? "" : runner->contender->label);
    }
    runner->running = false;
    reaper_forget(runner->child.pid);
    result->active_s = (double)runner->active_ns / 1e9;
    result->cpu_s = (double)(runner->child.cpu_ns + runner->tree.cpu_ns) / 1e9;
    raise_to(&runner->peak_resident, runner->child.max_resident);
    raise_to(&runner->peak_resident, runner->tree.max_resident);
    const struct bench_progress *page = runner->child.progress;
    uint64_t own_account = page ? atomic_load(&page->peak_resident_bytes) : 0;
    result->peak_resident = own_account ? own_account : runner->peak_resident;
    process_tree_release(&runner->tree);
}

/* ---- one contender ---- */

static bool interrupted(const struct race *race)
{
    return race->options->interrupted && *race->options->interrupted;
}

static bool over(const struct race *race)
{
    return interrupted(race) || clock_now_ns() >= race->deadline_ns;
}

/* Starts a contender, stopped. Returns 0 also when it has a result at once, or -1 with errno when the race cannot be
 * held. */
static int start(struct race *race, struct runner *runner)
{
    const char *library = runner->contender->library;
    if (library && access(library, R_OK) != 0) { /* the loader would only warn, and run it without */
        int error = errno;
        set_status(runner, RACE_NOT_STARTED, error, "cannot preload %.60s: %s", library, strerror(error));
        return 0;
    }
    struct child_settings settings = {
        .argv = race->command.argv,
        .library = library,
        .profile = runner->contender->profile,
        .seed = race->options->seed,
        .publishes = race->work->workload != NULL,
        .show_output = race->options->show_output,
        .timer_slack_ns = race->timer_slack_ns,
    };
    if (child_start(&runner->child, &settings) != 0)
        return -1;
    runner->running = true;
    reaper_watch(runner->child.pid);
    return process_tree_init(&runner->tree, &race->family, runner->child.pid);
}

/* Tells the contender how long it has stood still since its last turn. */
static void announce_stop(struct runner *runner)
{
    uint64_t now = clock_now_ns();
    if (!runner->origin_ns)
        runner->origin_ns = now;
    else if (runner->child.progress)
        atomic_fetch_add(&runner->child.progress->stopped_ns, now - runner->stopped_ns);
}

static void account_for_turn(struct runner *runner, const struct slicer_times *times)
{
    struct bench_progress *page = runner->child.progress;
    runner->stopped_ns = times->stopped_ns;
    runner->active_ns += times->stopped_ns - times->continued_ns - times->waited_ns;
    if (!page)
        return;
    if (blocks_turns_add(&runner->waits, times->stopped_ns - atomic_load(&page->stopped_ns), times->waited_ns) != 0)
        runner->waits.count = 0; /* without memory for them the page's times are taken as they are */
    if (blocks_milestones(page) > 0)
        runner->turns++;
}

static void take_turn(struct race *race, struct runner *runner)
{
    struct slicer_times times;
    announce_stop(runner);
    uint64_t left = race->deadline_ns - clock_now_ns();
    enum slicer_outcome outcome =
        slicer_turn(&runner->child, &runner->tree, left < race->slice_ns ? left : race->slice_ns,
                    race->options->interrupted, &times);
    account_for_turn(runner, &times);
    note_resident(runner);
    child_trim_stderr(&runner->child);
    if (outcome == SLICER_EXITED)
        set_status_of_end(runner, race->command.argv[0]);
    else if (outcome == SLICER_STUCK)
        set_status(runner, RACE_HUNG, 0, "killed: it starts processes faster than they can be stopped");
    else if (runner->active_ns > race->time_limit_ns)
        set_status(runner, RACE_HUNG, 0, "killed after %.3g s of active time, the limit",
                   (double)race->time_limit_ns / 1e9);
    else
        return;
    finish(runner);
}

/* ---- turns ---- */

/* True when RUNNER has taken BLOCKS_FAR_BEHIND times as long as OTHER did for what it will have done next. */
static bool far_behind(const struct runner *runner, const struct runner *other)
{
    if (!other->child.progress || !other->origin_ns)
        return false;
    uint32_t next = blocks_milestones(runner->child.progress) + 1;
    if (blocks_milestones(other->child.progress) < next)
        return false;
    uint64_t time_ns = blocks_time_ns(other->child.progress, &other->waits, next);
    uint64_t origin_ns = atomic_load(&other->child.progress->clock) == BENCH_CLOCK_PROCESSOR ? 0 : other->origin_ns;
    return time_ns > origin_ns && runner->active_ns > BLOCKS_FAR_BEHIND * (time_ns - origin_ns);
}

static bool is_waited_for(const struct race *race, const struct runner *runner)
{
    if (!runner->running)
        return false;
    for (size_t i = 0; i < race->count; i++)
        if (far_behind(runner, &race->runners[i]))
            return false;
    return true;
}

/* True when RUNNER has done more work than the others by a few turns: it is passed over, so that what is compared was
 * done at the same time. A command shows no progress, and takes its turn in every round. */
static bool is_ahead(const struct race *race, const struct runner *runner)
{
    if (!runner->child.progress || runner->turns == 0)
        return false;
    uint32_t mine = blocks_milestones(runner->child.progress), least = mine;
    for (size_t i = 0; i < race->count; i++) {
        if (!is_waited_for(race, &race->runners[i]))
            continue;
        uint32_t other = blocks_milestones(race->runners[i].child.progress);
        if (other < least)
            least = other;
    }
    return mine - least > TURNS_AHEAD * (1 + mine / runner->turns);
}

static void run_round(struct race *race)
{
    size_t order[RACE_MAX_CONTENDERS];
    shuffle(race, order);
    for (size_t i = 0; i < race->count && !over(race); i++) {
        struct runner *runner = &race->runners[order[i]];
        if (runner->running && !is_ahead(race, runner))
            take_turn(race, runner);
    }
}

/* True when nobody runs any more; or nobody but those who are far behind, each with enough done to say how far, if they
 * are to be cut. */
static bool is_decided(const struct race *race)
{
    for (size_t i = 0; i < race->count; i++) {
        const struct runner *runner = &race->runners[i];
        if (!runner->running)
            continue;
        if (!race->options->cut_far_behind || is_waited_for(race, runner) ||
            blocks_milestones(runner->child.progress) < BLOCKS_FEWEST_MILESTONES)
            return false;
    }
    return true;
}

static void cut(struct runner *runner, enum race_status status, const char *why)
{
    set_status(runner, status, 0, "cut off after %.3g s of active time: %s", (double)runner->active_ns / 1e9, why);
    finish(runner);
}

/* All contenders in turns. Returns 0, or -1 with errno. */
static int race_in_slices(struct race *race)
{
    for (size_t i = 0; i < race->count; i++)
        if (start(race, &race->runners[i]) != 0)
            return -1;
    while (!is_decided(race) && !over(race))
        run_round(race);
    bool decided = is_decided(race);
    for (size_t i = 0; i < race->count && !interrupted(race); i++)
        if (race->runners[i].running && decided)
            cut(&race->runners[i], RACE_BEHIND, "it is far slower than the others");
        else if (race->runners[i].running)
            cut(&race->runners[i], RACE_CUT, "the race's time is over");
    return 0;
}

/* ---- whole runs ---- */

static void run_whole(struct race *race, struct runner *runner)
{
    uint64_t begin = clock_now_ns();
    runner->origin_ns = begin;
    slicer_continue(&runner->tree);
    bool ended = false;
    while (!ended && !over(race) && runner->active_ns <= race->time_limit_ns) {
        uint64_t next = clock_now_ns() + SAMPLE_NS;
        ended = slicer_wait(&runner->child, next < race->deadline_ns ? next : race->deadline_ns,
                            race->options->interrupted);
        runner->active_ns = clock_now_ns() - begin;
        process_tree_refresh(&runner->tree);
        note_resident(runner);
        child_trim_stderr(&runner->child);
    }
    if (ended)
        set_status_of_end(runner, race->command.argv[0]);
    else if (runner->active_ns > race->time_limit_ns)
        set_status(runner, RACE_HUNG, 0, "killed after %.3g s, the limit", (double)race->time_limit_ns / 1e9);
    else
        set_status(runner, RACE_CUT, 0, "cut off after %.3g s: the race's time is over",
                   (double)runner->active_ns / 1e9);
    finish(runner);
}

/* One contender after the other in random order, each at one go. Returns 0, or -1 with errno. */
static int race_in_runs(struct race *race)
{
    size_t order[RACE_MAX_CONTENDERS];
    shuffle(race, order);
    for (size_t i = 0; i < race->count && !interrupted(race); i++) {
        struct runner *runner = &race->runners[order[i]];
        if (over(race)) {
            set_status(runner, RACE_CUT, 0, "not run: the race's time is over");
            continue;
        }
        if (start(race, runner) != 0)
            return -1;
        if (runner->running)
            run_whole(race, runner);
    }
    return 0;
}

/* ---- blocks ---- */

static bool is_good(const struct runner *runner)
{
    return race_took_part(runner->result);
}

static uint32_t milestones_of(const struct runner *runner)
{
    return runner->child.progress ? blocks_milestones(runner->child.progress) : 0;
}

/* One block for each contender that did all of its work. Returns 0, or -1 with errno ENOMEM. */
static int make_single_blocks(struct race *race)
{
    for (size_t i = 0; i < race->count; i++) {
        struct race_result *result = race->runners[i].result;
        free(result->block_s);
        result->block_s = NULL;
        result->blocks = 0;
        if (result->status != RACE_OK)
            continue;
        if (!(result->block_s = malloc(sizeof *result->block_s)))
            return -1;
        result->block_s[0] = result->active_s;
        result->blocks = 1;
    }
    return 0;
}

/* The milestones that are compared: those which all have passed that are not far behind (KEEP). 0: pages are of no use.
 */
static uint32_t common_milestones(const struct race *race, bool *keep)
{
    uint32_t furthest = 0, common = BENCH_PROGRESS_MILESTONES;
    for (size_t i = 0; i < race->count; i++) {
        const struct runner *runner = &race->runners[i];
        uint32_t milestones = milestones_of(runner);
        if (is_good(runner) && milestones > furthest)
            furthest = milestones;
        if (runner->result->status == RACE_OK && milestones < BENCH_PROGRESS_MILESTONES)
            return 0; /* it did everything and did not say so */
    }
    for (size_t i = 0; i < race->count; i++) {
        uint32_t milestones = milestones_of(&race->runners[i]);
        keep[i] = is_good(&race->runners[i]) && milestones > 0 && milestones * BLOCKS_FAR_BEHIND >= furthest;
        if (keep[i] && milestones < common)
            common = milestones;
    }
    return furthest ? common : 0;
}

static uint64_t shortest_ns(const struct race *race, const bool *keep, uint32_t milestones)
{
    uint64_t shortest = UINT64_MAX;
    for (size_t i = 0; i < race->count; i++) {
        const struct runner *runner = &race->runners[i];
        if (!keep[i])
            continue;
        uint64_t begin = blocks_time_ns(runner->child.progress, &runner->waits, 0);
        uint64_t end = blocks_time_ns(runner->child.progress, &runner->waits, milestones);
        uint64_t taken = end > begin ? end - begin : 0;
        shortest = taken < shortest ? taken : shortest;
    }
    return shortest;
}

/* Fills the blocks of RESULT, COUNT equal parts of MILESTONES milestones. Who is far behind has not passed them all:
 * its blocks are as long as they would be if it went on as it did so far. Returns 0, or -1 when its page is of no use.
 */
static int fill_blocks(const struct runner *runner, uint32_t milestones, size_t count, bool is_far_behind)
{
    double *block_s = runner->result->block_s;
    if (!is_far_behind)
        return blocks_fill(runner->child.progress, &runner->waits, milestones, count, block_s);
    double so_far;
    uint32_t passed = milestones_of(runner);
    if (blocks_fill(runner->child.progress, &runner->waits, passed, 1, &so_far) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        block_s[i] = so_far * milestones / passed / (double)count;
    return 0;
}

/* Blocks from the progress pages. Returns 0, or -1 with errno: ENODATA when the pages are of no use, ENOMEM. */
static int make_blocks_of_progress(struct race *race)
{
    bool keep[RACE_MAX_CONTENDERS];
    uint32_t milestones = common_milestones(race, keep);
    errno = ENODATA;
    if (milestones == 0)
        return -1;
    size_t blocks = blocks_count(milestones, shortest_ns(race, keep, milestones), race->slice_ns);
    for (size_t i = 0; i < race->count; i++) {
        const struct runner *runner = &race->runners[i];
        struct race_result *result = runner->result;
        if (!is_good(runner) || milestones_of(runner) == 0)
            continue;
        if (!(result->block_s = calloc(blocks, sizeof *result->block_s)))
            return -1;
        result->blocks = blocks;
        result->block_operations = blocks_operations(runner->child.progress, milestones) / blocks;
        if (fill_blocks(runner, milestones, blocks, !keep[i]) != 0) {
            errno = ENODATA;
            return -1;
        }
    }
    return 0;
}

static int make_blocks(struct race *race)
{
    if (race->work->workload && race->options->interleave == RACE_SLICES) {
        if (make_blocks_of_progress(race) == 0)
            return 0;
        if (errno != ENODATA)
            return -1;
    }
    return make_single_blocks(race);
}

/* ---- the race ---- */

/* Every contender failed for the same reason before anything was started. */
static void nobody_starts(struct race *race, int error)
{
    const char *name = race->work->workload;
    for (size_t i = 0; i < race->count; i++)
        set_status(&race->runners[i], RACE_NOT_STARTED, error,
                   "cannot run workload %.20s: hakmem-bench is neither beside this program nor in PATH (or "
                   "HAKMEM_BENCH is wrong)",
                   name);
}

static int hold(struct race *race)
{
    if (workload_command_init(&race->command, race->work, race->options->seed) != 0) {
        if (errno != ENOENT)
            return -1;
        nobody_starts(race, ENOENT);
        return 0;
    }
    int result = race->options->interleave == RACE_RUNS ? race_in_runs(race) : race_in_slices(race);
    if (result == 0 && interrupted(race)) {
        errno = ECANCELED;
        result = -1;
    }
    return result == 0 ? make_blocks(race) : -1;
}

/* Kills whoever still runs and gives everything back. */
static void clean_up(struct race *race)
{
    for (size_t i = 0; i < race->count; i++) {
        struct runner *runner = &race->runners[i];
        if (runner->running)
            finish(runner);
        child_release(&runner->child);
        free(runner->waits.list);
    }
    workload_command_release(&race->command);
    process_family_release(&race->family);
    free(race->runners);
}

/* Orphans come to us, naps are exact, and children can be waited for whatever SIGCHLD was set to. */
static void change_process(struct process_settings *before)
{
    prctl(PR_GET_CHILD_SUBREAPER, &before->subreaper);
    prctl(PR_SET_CHILD_SUBREAPER, 1ul);
    int slack = prctl(PR_GET_TIMERSLACK);
    before->timer_slack_ns = slack > 0 ? (unsigned long)slack : 0;
    prctl(PR_SET_TIMERSLACK, 1ul);
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, &plain, &before->child_action);
}

static void restore_process(const struct process_settings *before)
{
    prctl(PR_SET_CHILD_SUBREAPER, (unsigned long)before->subreaper);
    prctl(PR_SET_TIMERSLACK, before->timer_slack_ns);
    sigaction(SIGCHLD, &before->child_action, NULL);
}

static int race_init(struct race *race, const struct race_contender *contenders, size_t count,
                     const struct workload *work, const struct race_options *options, struct race_result *results)
{
    *race = (struct race){.work = work, .options = options, .count = count, .random = options->seed};
    race->slice_ns = (options->slice_ms ? options->slice_ms : DEFAULT_SLICE_MS) * NS_PER_MS;
    race->time_limit_ns = (uint64_t)((options->time_limit_s > 0 ? options->time_limit_s : DEFAULT_TIME_LIMIT_S) * 1e9);
    race->deadline_ns = options->deadline > 0 ? (uint64_t)(options->deadline * 1e9) : UINT64_MAX;
    race->runners = calloc(count, sizeof *race->runners);
    if (!race->runners)
        return -1;
    for (size_t i = 0; i < count; i++) {
        race->runners[i].contender = &contenders[i];
        race->runners[i].result = &results[i];
        race->runners[i].child = (struct child){.pid = -1, .pid_fd = -1, .exec_error_fd = -1, .stderr_fd = -1};
    }
    return 0;
}

int race_run(const struct race_contender *contenders, size_t count, const struct workload *work,
             const struct race_options *options, struct race_result *results)
{
    if (count == 0 || count > RACE_MAX_CONTENDERS) {
        errno = EINVAL;
        return -1;
    }
    memset(results, 0, count * sizeof *results);
    struct race race;
    if (race_init(&race, contenders, count, work, options, results) != 0)
        return -1;
    struct process_settings before = {0};
    reaper_start();
    change_process(&before);
    race.timer_slack_ns = before.timer_slack_ns;
    process_family_init(&race.family);
    int result = hold(&race), error = errno;
    clean_up(&race);
    restore_process(&before);
    if (result != 0)
        race_results_clear(results, count);
    errno = error;
    return result;
}

void race_results_clear(struct race_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(results[i].block_s);
    memset(results, 0, count * sizeof *results);
}
