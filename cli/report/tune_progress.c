/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tune_progress.h. */
#include "config.h"

#include "cli/report/tune_progress.h"

#include "cli/machine/clock.h"
#include "cli/output/units.h"
#include "cli/report/remark_words.h"
#include "cli/report/session_words.h"
#include "cli/tune/settings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A log gain by which the best is surely better than that of the last line: less is no news. */
#define WORTH_A_LINE 0.005

/* A line where there is no terminal; and what stands before a gain in it at most: the time, and "best so far ". */
#define LINE_WIDTH 80
#define LONGEST_BEFORE (8 + sizeof "best so far " - 1)

/* --- on the terminal ---------------------------------------------------------------------------------------------- */

static void draw(void *context, struct frame *frame)
{
    const struct tune_progress *tune = context;
    double now = clock_now_s();
    tune_view_draw(&tune->view, now - tune->begun, tune->ends - now, frame);
}

/* Never -0.0. */
static double rounded(double percent)
{
    return round(10 * percent) / 10 + 0.0;
}

/* The change in METRIC, or NAN where it is not known, or is the objective. */
static double other_change(const struct tune_event *event, const struct candidate *candidate, enum metric metric)
{
    const struct metric_set *set = &event->settings->goal.metrics;
    struct statistics_mean gain = candidate_gain(candidate, event->noise, metric);
    bool is_shown = metric != event->goal->objective && isfinite(gain.error);
    return is_shown ? rounded(session_words_percent(set, metric, gain.mean)) : NAN;
}

static void set_gain(struct tune_view_gain *gain, const struct tune_event *event, const struct candidate *candidate,
                     struct statistics_mean mean)
{
    const struct metric_set *set = &event->settings->goal.metrics;
    enum metric objective = event->goal->objective;
    double error = STATISTICS_CLEARLY * mean.error;
    double one = session_words_percent(set, objective, mean.mean - error);
    double other = session_words_percent(set, objective, mean.mean + error);
    gain->known = isfinite(mean.mean) && isfinite(error);
    gain->is_sure = mean.mean - error > 0;
    gain->change = rounded(session_words_percent(set, objective, mean.mean));
    gain->low = rounded(fmin(one, other));
    gain->high = rounded(fmax(one, other));
    gain->speed = other_change(event, candidate, METRIC_TIME);
    gain->memory = other_change(event, candidate, METRIC_PEAK_MEMORY);
    space_describe(event->settings->space, &candidate->point, gain->changes, sizeof gain->changes);
}

static void set_best(struct tune_view *view, const struct tune_event *event)
{
    if (event->best.candidate)
        set_gain(&view->best, event, event->best.candidate, event->best.gain);
    else
        view->best.known = false;
}

/* The best of the finalists on the seeds of the proof. */
static void set_proof(struct tune_view *view, const struct tune_event *event)
{
    const struct candidate *best = NULL;
    struct statistics_mean most = {-INFINITY, 0};
    for (size_t i = 0; i < event->heat->count; i++) {
        struct statistics_mean score = goal_score(event->goal, event->heat->candidates[i], event->noise);
        if (score.mean > most.mean) {
            best = event->heat->candidates[i];
            most = score;
        }
    }
    view->pairs = event->proof->pairs;
    view->finalists = event->heat->count;
    view->proof.known = false;
    if (best)
        set_gain(&view->proof, event, best, most);
}

static void set_score(struct tune_view *view, const struct tune_event *event, size_t trial,
                      const struct candidate *candidate)
{
    double score = goal_score(event->goal, candidate, event->noise).mean;
    tune_view_score(view, trial, candidate->eliminated ? NAN : score);
}

/* Which of all trials it is, from 1: those of an earlier part of the session may lack some numbers. */
static size_t place_of(const struct session_past *past, unsigned trial)
{
    for (size_t i = 0; past && i < past->count; i++)
        if (past->candidates[i].trial == trial)
            return i + 1;
    return past && past->count ? trial - (past->candidates[past->count - 1].trial - past->count) : trial;
}

/* Those of an earlier part of the session, too. */
static void set_trial(struct tune_view *view, const struct tune_event *event)
{
    const struct candidate *candidate = event->candidate;
    const struct session_past *past = event->settings->past;
    for (size_t i = 0; past && view->score_count < past->count; i++)
        set_score(view, event, i + 1, &past->candidates[i]);
    if (event->kind == TUNE_TRIAL_STARTED) {
        if (view->first_trial <= view->score_count)
            view->first_trial = place_of(past, candidate->trial);
        return;
    }
    set_score(view, event, place_of(past, candidate->trial), candidate);
}

static void name_session(struct tune_view *view, const struct session_settings *settings)
{
    const struct subject *subject = &settings->space->subject;
    char work[96];
    workload_name(&settings->work, work, sizeof work);
    if (subject->kind->in_environment)
        snprintf(view->name, sizeof view->name, "%s, %s", work, subject->name);
    else
        snprintf(view->name, sizeof view->name, "%s", work);
}

static void set_view(struct tune_progress *tune, const struct tune_event *event)
{
    struct tune_view *view = &tune->view;
    if (!view->name[0])
        name_session(view, event->settings);
    view->stage = event->stage;
    view->objective = session_words_title(&event->settings->goal.metrics, event->goal->objective);
    view->trials = event->trials;
    view->most_trials = event->settings->trials;
    view->failed = event->failed;
    tune->ends = clock_now_s() + event->seconds_left;
    if (event->candidate)
        set_trial(view, event);
    if (event->kind == TUNE_PAIR_ENDED)
        set_proof(view, event);
    else
        set_best(view, event);
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

static void show_calibration(struct progress *progress, const struct tune_event *event)
{
    char run[96], peak[64], line[256];
    double seconds = event->heat->baseline_sample.value[METRIC_TIME];
    snprintf(line, sizeof line, "%s: %s, %s", event->settings->space->subject.baseline,
             remark_run(seconds, event->heat->operations, run, sizeof run),
             remark_peak(&event->heat->baseline_sample, peak, sizeof peak));
    if (progress->mode == PROGRESS_LIVE)
        progress_note(progress, "%s", line);
    else
        progress_log(progress, "calibrated: %s", line);
}

static void show_fewer_at_once(struct progress *progress, const struct tune_event *event)
{
    const struct racing *racing = event->racing;
    char each[METRIC_TEXT], all[UNITS_TEXT], most[64];
    if (racing->interleave == RACE_RUNS)
        snprintf(most, sizeof most, "contenders run one after the other, as with --interleave run");
    else
        snprintf(most, sizeof most, "at most %zu contenders run at once", racing->most_contenders);
    progress_note(
        progress, "a run takes %s of memory and %s can be used: %s",
        metric_format(METRIC_PEAK_MEMORY, event->heat->baseline_sample.value[METRIC_PEAK_MEMORY], each, sizeof each),
        units_size(racing->memory, all, sizeof all), most);
}

static void show_remark(struct progress *progress, const struct tune_event *event)
{
    char text[1024];
    progress_note(progress, "%s", remark_describe(event->remark, text, sizeof text));
}

/* CHANGES as far as they fit into ROOM columns, whole ones, or their number; the journal has all. */
static void write_changes(const char *changes, size_t room, char *text, size_t size)
{
    static const char more[] = ", ...";
    size_t taken = strlen(changes);
    while (taken > room) {
        size_t before = taken - 1;
        while (before > 0 && strncmp(changes + before, ", ", 2) != 0)
            before--;
        taken = before;
        if (taken == 0 || taken + sizeof more - 1 <= room)
            break;
    }
    size_t count = 1;
    for (const char *at = changes; (at = strstr(at, ", ")); at++)
        count++;
    if (taken == 0 && changes[0])
        snprintf(text, size, "%zu change%s", count, count == 1 ? "" : "s");
    else
        snprintf(text, size, "%.*s%s", (int)taken, changes, changes[taken] ? more : "");
}

/* Within one line, unless that is too narrow for the figures. */
static const char *write_gain(const struct tune_view *view, const struct tune_view_gain *gain, char *text, size_t size)
{
    char speed[32] = "", memory[32] = "", changes[TUNE_VIEW_TEXT];
    if (!isnan(gain->speed))
        snprintf(speed, sizeof speed, ", speed %+.1f%%", gain->speed);
    if (!isnan(gain->memory))
        snprintf(memory, sizeof memory, ", memory %+.1f%%", gain->memory);
    int used = snprintf(text, size, "%s %+.1f%% (%+.1f to %+.1f)%s%s: ", view->objective, gain->change, gain->low,
                        gain->high, speed, memory);
    size_t taken = LONGEST_BEFORE + (size_t)used;
    write_changes(gain->changes, taken < LINE_WIDTH ? LINE_WIDTH - taken : 0, changes, sizeof changes);
    snprintf(text + used, size - (size_t)used, "%s", changes);
    return text;
}

/* One line for each that is surely better than those before it, not for each that is measured. */
static void log_best(struct tune_progress *tune, const struct tune_event *event)
{
    char text[TUNE_VIEW_TEXT + 128];
    const struct candidate *best = event->best.candidate;
    double low = event->best.gain.mean - STATISTICS_CLEARLY * event->best.gain.error;
    if (!best || !tune->view.best.known || (tune->has_logged && low < tune->logged_low + WORTH_A_LINE))
        return;
    tune->has_logged = true;
    tune->logged_low = low;
    progress_log(tune->progress, "best so far %s", write_gain(&tune->view, &tune->view.best, text, sizeof text));
}

static void log_stage(struct tune_progress *tune, const struct tune_event *event)
{
    char text[TUNE_VIEW_TEXT + 128];
    switch (event->stage) {
    case TUNE_CALIBRATING:
        progress_log(tune->progress, "%s: calibration begins", tune->view.name);
        tune->has_searched = false;
        break;
    case TUNE_SEARCHING:
        progress_log(tune->progress, "%s",
                     tune->has_searched ? "search goes on: none is better so far" : "search begins");
        tune->has_searched = true;
        break;
    case TUNE_PLAYING_OFF:
        progress_log(tune->progress, "play-off of the best begins after %zu candidates, %zu of which failed",
                     event->measured, event->failed);
        break;
    case TUNE_SIMPLIFYING:
        progress_log(tune->progress, "simplification begins");
        break;
    case TUNE_PROVING:
        progress_log(tune->progress, "proof on unseen seeds begins");
        break;
    case TUNE_DONE:
        if (tune->view.proof.known)
            progress_log(tune->progress, "done after %zu pairs, the best by its mean %s", tune->view.pairs,
                         write_gain(&tune->view, &tune->view.proof, text, sizeof text));
        break;
    }
}

/* --- for the session ---------------------------------------------------------------------------------------------- */

void tune_progress_begin(struct tune_progress *tune, struct progress *progress)
{
    *tune = (struct tune_progress){.progress = progress, .begun = clock_now_s(), .ends = INFINITY};
}

void tune_progress_end(struct tune_progress *tune)
{
    progress_clear(tune->progress);
    tune_view_clear(&tune->view);
}

void tune_progress_hear(void *context, const struct tune_event *event)
{
    struct tune_progress *tune = context;
    progress_lock(tune->progress);
    set_view(tune, event);
    progress_unlock(tune->progress);
    progress_show(tune->progress, draw, tune);
    switch (event->kind) {
    case TUNE_STAGE_BEGAN:
        log_stage(tune, event);
        break;
    case TUNE_CALIBRATED:
        show_calibration(tune->progress, event);
        break;
    case TUNE_REMARK:
        show_remark(tune->progress, event);
        break;
    case TUNE_FEWER_AT_ONCE:
        show_fewer_at_once(tune->progress, event);
        break;
    case TUNE_TRIAL_STARTED:
    case TUNE_SIMPLIFIED:
    case TUNE_PAIR_ENDED:
        break;
    case TUNE_TRIAL_ENDED:
        log_best(tune, event);
        break;
    case TUNE_NOTHING_TO_PROVE:
        progress_note(tune->progress, "no candidate was better than the default: there is nothing to prove");
        break;
    }
}
