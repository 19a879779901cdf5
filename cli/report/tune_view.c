/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tune_view.h. */
#include "config.h"

#include "cli/report/tune_view.h"

#include "cli/output/memory.h"
#include "cli/output/sparkline.h"
#include "cli/output/units.h"

#include <math.h>
#include <stdlib.h>

enum {
    LONGEST_NAME = 32, /* columns */
    NARROW = 50,       /* has no room for long labels */
    MOST_BARS = 400
};

/* The lowest and the highest bar are at least as far from the baseline: less than that is noise. */
#define LEAST_SCALE 0.005

static const char *const stages[] = {
    [TUNE_CALIBRATING] = "calibrating", [TUNE_SEARCHING] = "searching", [TUNE_PLAYING_OFF] = "play-off of the best",
    [TUNE_SIMPLIFYING] = "simplifying", [TUNE_PROVING] = "proving",     [TUNE_DONE] = "done",
};

/* --- scores ------------------------------------------------------------------------------------------------------- */

void tune_view_score(struct tune_view *view, size_t trial, double score)
{
    if (trial > view->score_capacity) {
        view->score_capacity = 2 * trial;
        view->scores = must_have(realloc(view->scores, view->score_capacity * sizeof *view->scores));
    }
    for (; view->score_count < trial; view->score_count++)
        view->scores[view->score_count] = NAN;
    view->scores[trial - 1] = score;
}

void tune_view_clear(struct tune_view *view)
{
    free(view->scores);
    view->scores = NULL;
    view->score_count = view->score_capacity = 0;
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

static void draw_time(const struct tune_view *view, double elapsed, double seconds_left, struct frame *frame)
{
    char text[UNITS_TEXT];
    if (isfinite(seconds_left))
        frame_put(frame, STYLE_PLAIN, ", %s left", units_duration(seconds_left, text, sizeof text));
    else
        frame_put(frame, STYLE_PLAIN, ", %s", units_duration(elapsed, text, sizeof text));
    if (view->stage == TUNE_SEARCHING && view->most_trials)
        frame_put(frame, STYLE_PLAIN, ", %zu of %zu trials", view->trials, view->most_trials);
}

static void draw_what_runs(const struct tune_view *view, double elapsed, double seconds_left, struct frame *frame)
{
    frame_begin_line(frame);
    frame_put_cut(frame, LONGEST_NAME, STYLE_BOLD, "%s", view->name);
    frame_put(frame, STYLE_PLAIN, ": %s", stages[view->stage]);
    draw_time(view, elapsed, seconds_left, frame);
    if (view->stage == TUNE_SEARCHING && view->first_trial)
        frame_put(frame, STYLE_PLAIN, ", trials %zu to %zu", view->first_trial, view->trials);
    if (view->stage == TUNE_PROVING && view->finalists)
        frame_put(frame, STYLE_PLAIN, ", pair %zu of %zu finalist%s", view->pairs + 1, view->finalists,
                  view->finalists == 1 ? "" : "s");
}

static void draw_gain(const struct tune_view *view, struct frame *frame)
{
    bool proving = view->proof.known;
    const struct tune_view_gain *gain = proving ? &view->proof : &view->best;
    frame_begin_line(frame);
    if (!gain->known) {
        frame_put(frame, STYLE_FAINT, "none is better yet");
        return;
    }
    bool is_narrow = frame->columns < NARROW;
    frame_put(frame, STYLE_PLAIN,
              proving     ? is_narrow ? "proof " : "on unseen seeds "
              : is_narrow ? "best "
                          : "best so far ");
    frame_put(frame, STYLE_PLAIN, "%s ", view->objective);
    frame_put(frame, gain->is_sure ? STYLE_GOOD : STYLE_PLAIN, "%+.1f%%", gain->change);
    frame_put(frame, STYLE_PLAIN, " (%+.1f to %+.1f)", gain->low, gain->high);
    if (!isnan(gain->speed))
        frame_put(frame, STYLE_PLAIN, ", speed %+.1f%%", gain->speed);
    if (!isnan(gain->memory))
        frame_put(frame, STYLE_PLAIN, ", memory %+.1f%%", gain->memory);
    frame_put_cut(frame, FRAME_REST_OF_LINE, STYLE_FAINT, ": %s", gain->changes);
}

/* The baseline is in the middle; what is worse than it by more than the best is better is the lowest bar. */
static void draw_search(const struct tune_view *view, struct frame *frame)
{
    char bars[SPARKLINE_BYTES(MOST_BARS)], counts[64];
    double scale = LEAST_SCALE;
    frame_begin_line(frame);
    for (size_t i = 0; i < view->score_count; i++)
        scale = fmax(scale, view->scores[i]);
    int length = snprintf(counts, sizeof counts, " %zu tried", view->score_count);
    if (view->failed)
        length += snprintf(counts + length, sizeof counts - (size_t)length, ", %zu failed", view->failed);
    size_t room = frame_room(frame), least = (size_t)length;
    struct sparkline line = {view->scores, view->score_count, -scale, scale};
    size_t columns = room > least ? room - least : 0;
    sparkline_write(&line, columns < MOST_BARS ? columns : MOST_BARS, frame->utf8, bars);
    frame_put(frame, STYLE_PLAIN, "%s", bars);
    frame_put(frame, STYLE_FAINT, "%s", counts);
}

void tune_view_draw(const struct tune_view *view, double elapsed, double seconds_left, struct frame *frame)
{
    draw_what_runs(view, elapsed, seconds_left, frame);
    if (view->stage == TUNE_CALIBRATING)
        return;
    draw_gain(view, frame);
    if (view->score_count > 0)
        draw_search(view, frame);
}
