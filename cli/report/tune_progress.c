/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tune_progress.h. */
#include "config.h"

#include "cli/report/tune_progress.h"

#include "cli/output/progress.h"
#include "cli/output/units.h"
#include "cli/tune/settings.h"

#include <math.h>
#include <stdio.h>

static const char *describe_best(const struct tune_best *best, char *text, size_t size)
{
    double error = STATISTICS_CLEARLY * best->gain.error;
    if (best->candidate)
        snprintf(text, size, "%+.1f%% (%+.1f to %+.1f)", 100 * expm1(best->gain.mean),
                 100 * expm1(best->gain.mean - error), 100 * expm1(best->gain.mean + error));
    else
        snprintf(text, size, "none yet");
    return text;
}

static const char *describe_left(const struct tune_event *event, char *text, size_t size)
{
    char duration[UNITS_TEXT];
    text[0] = '\0';
    if (isfinite(event->seconds_left))
        snprintf(text, size, ", %s left", units_duration(event->seconds_left, duration, sizeof duration));
    return text;
}

static void show_calibration(struct progress *progress, const struct tune_event *event)
{
    progress_note(progress, "%s: %.2f s for a run, %.1f MiB at its peak", event->settings->space->subject.baseline,
                  event->heat->baseline_seconds, (double)event->heat->baseline_resident / (1024 * 1024));
}

static void show_fewer_at_once(struct progress *progress, const struct tune_event *event)
{
    const struct racing *racing = event->racing;
    char each[UNITS_TEXT], all[UNITS_TEXT], most[64];
    if (racing->interleave == RACE_RUNS)
        snprintf(most, sizeof most, "contenders run one after the other, as with --interleave run");
    else
        snprintf(most, sizeof most, "at most %zu contenders run at once", racing->most_contenders);
    progress_note(progress, "a run takes %s of memory and %s can be used: %s",
                  units_size(event->heat->baseline_resident, each, sizeof each),
                  units_size(racing->memory, all, sizeof all), most);
}

static const char *describe_result(const struct tune_event *event, char *text, size_t size)
{
    const struct candidate *candidate = event->candidate;
    struct statistics_mean time = candidate_time(candidate, event->noise), memory = candidate_memory(candidate);
    char rss[32] = "rss not known";
    if (candidate->eliminated) {
        snprintf(text, size, "out (%s)", candidate->reason);
        return text;
    }
    if (isfinite(memory.error))
        snprintf(rss, sizeof rss, "rss %+.1f%%", 100 * expm1(-memory.mean));
    snprintf(text, size, "speed %+.1f%% ± %.1f, %s", 100 * expm1(time.mean), 100 * STATISTICS_CLEARLY * time.error,
             rss);
    return text;
}

static void show_trial(struct progress *progress, const struct tune_event *event)
{
    char best[64], left[UNITS_TEXT + 8], result[512], point[512];
    unsigned trial = event->candidate->trial;
    describe_best(&event->best, best, sizeof best);
    describe_left(event, left, sizeof left);
    space_describe(event->settings->space, &event->candidate->point, point, sizeof point);
    if (event->kind == TUNE_TRIAL_STARTED)
        progress_state(progress, "trial %u, best %s%s: running %s", trial, best, left, point);
    else
        progress_step(progress, "trial %u, best %s%s: %s: %s", trial, best, left,
                      describe_result(event, result, sizeof result), point);
}

static void show_pair(struct progress *progress, const struct tune_event *event)
{
    char left[UNITS_TEXT + 8];
    size_t finalists = event->heat->count;
    struct statistics_mean time = candidate_time(event->heat->candidates[0], event->noise);
    progress_step(progress, "proof: pair %zu, %zu finalist%s, the first %+.1f%% ± %.1f in speed%s", event->proof->pairs,
                  finalists, finalists == 1 ? "" : "s", 100 * expm1(time.mean), 100 * STATISTICS_CLEARLY * time.error,
                  describe_left(event, left, sizeof left));
}

void tune_progress_hear(void *progress, const struct tune_event *event)
{
    switch (event->kind) {
    case TUNE_STAGE_BEGAN:
        break;
    case TUNE_CALIBRATED:
        show_calibration(progress, event);
        break;
    case TUNE_FEWER_AT_ONCE:
        show_fewer_at_once(progress, event);
        break;
    case TUNE_TRIAL_STARTED:
    case TUNE_TRIAL_ENDED:
        show_trial(progress, event);
        break;
    case TUNE_PAIR_ENDED:
        show_pair(progress, event);
        break;
    case TUNE_NOTHING_TO_PROVE:
        progress_note(progress, "no candidate was better than the default: there is nothing to prove");
        break;
    }
}
