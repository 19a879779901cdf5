/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See race.h. Starts all contenders stopped, gives them turns in random order until each has ended or the race does,
 * and has measured what they took. Below: phases, runner, measure, precedence, reaper, process_tree, clock,
 * cli/workload. */
#include "config.h"

#include "cli/race/race.h"

#include "cli/machine/clock.h"
#include "cli/race/measure.h"
#include "cli/race/phases.h"
#include "cli/race/precedence.h"
#include "cli/race/reaper.h"
#include "cli/race/runner.h"
#include "lib/base/splitmix.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

/* Shorter turns measure cold caches, and flatter the smaller footprint; longer ones let the machine drift between them.
 */
#define DEFAULT_SLICE_MS 8
#define DEFAULT_TIME_LIMIT_S 60.0
/* A contender may be so many of its turns ahead of the others in work before it is passed over. */
#define TURNS_AHEAD 2

struct race {
    const struct workload *work;
    const struct race_options *options;
    struct process_family family;
    struct runner_terms terms;
    struct runner *runners;
    size_t count;
    uint64_t random; /* state of splitmix_next, for the order of turns */
};

/* What a race changes in this process, to be put back. */
struct process_settings {
    int subreaper;
    unsigned long timer_slack_ns;
    struct sigaction child_action;
};

/* ---- order ---- */

/* A random permutation of 0..count-1. */
static void shuffle(struct race *race, size_t *order)
{
    for (size_t i = 0; i < race->count; i++) {
        size_t j = (size_t)(splitmix_next(&race->random) % (i + 1));
        order[i] = order[j];
        order[j] = i;
    }
}

/* ---- turns ---- */

/* True when RUNNER has taken BLOCKS_FAR_BEHIND times as long as OTHER did for what it will have done next. */
static bool far_behind(const struct runner *runner, const struct runner *other)
{
    if (!runner_page(other) || !other->origin_ns)
        return false;
    uint32_t next = blocks_milestones(runner_page(runner)) + 1;
    if (blocks_milestones(runner_page(other)) < next)
        return false;
    uint64_t time_ns = blocks_time_ns(runner_page(other), &other->waits, next);
    uint64_t origin_ns = atomic_load(&runner_page(other)->clock) == BENCH_CLOCK_PROCESSOR ? 0 : other->origin_ns;
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
    if (!runner_page(runner) || runner->turns == 0)
        return false;
    uint32_t mine = blocks_milestones(runner_page(runner)), least = mine;
    for (size_t i = 0; i < race->count; i++) {
        if (!is_waited_for(race, &race->runners[i]))
            continue;
        uint32_t other = blocks_milestones(runner_page(&race->runners[i]));
        if (other < least)
            least = other;
    }
    return mine - least > TURNS_AHEAD * (1 + mine / runner->turns);
}

/* Whether the contenders have no more resident than they may have together, as far as was seen when each was stopped.
 * Returns 0, or -1 with errno EDQUOT. */
static int check_memory(const struct race *race)
{
    uint64_t sum = 0;
    if (race->options->memory_limit == 0)
        return 0;
    for (size_t i = 0; i < race->count; i++)
        sum += runner_resident(&race->runners[i]);
    errno = EDQUOT;
    return sum > race->options->memory_limit ? -1 : 0;
}

/* Returns 0, or -1 with errno EDQUOT. */
static int run_round(struct race *race)
{
    size_t order[RACE_MAX_CONTENDERS];
    shuffle(race, order);
    for (size_t i = 0; i < race->count && !runner_time_is_over(&race->terms); i++) {
        struct runner *runner = &race->runners[order[i]];
        if (!runner->running || is_ahead(race, runner))
            continue;
        runner_take_turn(&race->terms, runner);
        if (check_memory(race) != 0)
            return -1;
    }
    return 0;
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
            blocks_milestones(runner_page(runner)) < BLOCKS_FEWEST_MILESTONES)
            return false;
    }
    return true;
}

/* All contenders in turns. Returns 0, or -1 with errno. */
static int race_in_slices(struct race *race)
{
    for (size_t i = 0; i < race->count; i++)
        if (phases_start(&race->terms, &race->runners[i]) != 0 || check_memory(race) != 0)
            return -1;
    while (!is_decided(race) && !runner_time_is_over(&race->terms))
        if (run_round(race) != 0)
            return -1;
    bool decided = is_decided(race);
    for (size_t i = 0; i < race->count && !runner_interrupted(&race->terms); i++)
        if (race->runners[i].running && decided)
            runner_cut(&race->runners[i], RACE_BEHIND, "it is far slower than the others");
        else if (race->runners[i].running)
            runner_cut(&race->runners[i], RACE_CUT, "the race's time is over");
    phases_end(&race->terms, race->runners, race->count);
    return 0;
}

/* ---- whole runs ---- */

/* One contender after the other in random order, each at one go. Returns 0, or -1 with errno. */
static int race_in_runs(struct race *race)
{
    size_t order[RACE_MAX_CONTENDERS];
    shuffle(race, order);
    for (size_t i = 0; i < race->count && !runner_interrupted(&race->terms); i++) {
        struct runner *runner = &race->runners[order[i]];
        if (runner_time_is_over(&race->terms)) {
            runner_set_status(runner, GROUP_MAIN, RACE_CUT, 0, "not run: the race's time is over");
            continue;
        }
        if (phases_start(&race->terms, runner) != 0)
            return -1;
        if (runner->running)
            runner_run_whole(&race->terms, runner);
        phases_end(&race->terms, runner, 1);
    }
    return 0;
}

/* ---- the race ---- */

static int make_blocks(struct race *race)
{
    bool in_slices = workload_kind(race->work)->publishes && race->options->interleave == RACE_SLICES;
    return measure_blocks(race->runners, race->count, in_slices, race->terms.slice_ns);
}

static int hold(struct race *race)
{
    int result = race->options->interleave == RACE_RUNS ? race_in_runs(race) : race_in_slices(race);
    if (result == 0 && runner_interrupted(&race->terms)) {
        errno = ECANCELED;
        result = -1;
    }
    return result == 0 ? make_blocks(race) : -1;
}

/* Kills whoever still runs and gives everything back. */
static void clean_up(struct race *race)
{
    for (size_t i = 0; i < race->count; i++)
        runner_release(&race->runners[i]);
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

/* The active seconds of a run: ours, or the user's where they are fewer. */
static double time_limit_s(const struct workload *work, const struct race_options *options)
{
    double limit = options->time_limit_s > 0 ? options->time_limit_s : DEFAULT_TIME_LIMIT_S;
    if (work->timeout_s > 0 && (work->timeout_s < limit || options->time_limit_s <= 0))
        return work->timeout_s;
    return limit;
}

static int race_init(struct race *race, const struct race_contender *contenders, size_t count,
                     const struct workload *work, const struct race_options *options, struct race_result *results)
{
    *race = (struct race){.work = work, .options = options, .count = count, .random = options->seed};
    race->terms = (struct runner_terms){
        .work = work,
        .show_output = options->show_output,
        .keep_turns = options->keep_turns,
        .begin_ns = clock_now_ns(),
        .metrics = options->metrics,
        .all_at_once = options->interleave == RACE_SLICES,
        .seed = options->seed,
        .family = &race->family,
        .interrupted = options->interrupted,
    };
    race->terms.slice_ns = (options->slice_ms ? options->slice_ms : DEFAULT_SLICE_MS) * NS_PER_MS;
    race->terms.time_limit_ns = (uint64_t)(time_limit_s(work, options) * 1e9);
    race->terms.limit_is_timeout =
        !workload_kind(work)->is_ours && (options->time_limit_s <= 0 || time_limit_s(work, options) == work->timeout_s);
    race->terms.deadline_ns = options->deadline > 0 ? (uint64_t)(options->deadline * 1e9) : UINT64_MAX;
    race->runners = calloc(count, sizeof *race->runners);
    if (!race->runners)
        return -1;
    for (size_t i = 0; i < count; i++)
        runner_init(&race->runners[i], &contenders[i], &results[i]);
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
    race.terms.timer_slack_ns = before.timer_slack_ns;
    process_family_init(&race.family);
    int result = hold(&race), error = errno;
    clean_up(&race);
    precedence_give_back();
    restore_process(&before);
    if (result != 0)
        race_results_clear(results, count);
    errno = error;
    return result;
}

void race_results_clear(struct race_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(results[i].block_s);
        free(results[i].turns);
    }
    memset(results, 0, count * sizeof *results);
}
