/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session as three lines of a terminal: what runs and how long yet, the best so far, and how the search has gone.
 *
 * Pure: all that is shown is in the view. Below: cli/tune/events, cli/output/frame. */
#ifndef HAK_REPORT_TUNE_VIEW_H
#define HAK_REPORT_TUNE_VIEW_H

#include "cli/output/frame.h"
#include "cli/tune/events.h"

#include <stdbool.h>
#include <stddef.h>

#define TUNE_VIEW_TEXT 512

/* Percentages of the baseline's figures. */
struct tune_view_gain {
    bool known, is_sure;      /* is_sure: the whole interval is better */
    double change, low, high; /* of the objective */
    double speed, memory;     /* what else changes, the peak of memory; NAN: not known, or the objective */
    char changes[TUNE_VIEW_TEXT];
};

struct tune_view {
    char name[128]; /* of the work and, where it is not ours, the allocator */
    enum tune_stage stage;
    const char *objective; /* "speed", "cost" */
    size_t trials, failed;
    size_t most_trials; /* 0: the budget ends the search */
    size_t first_trial; /* of those that run; 0: none yet */
    size_t pairs, finalists;
    struct tune_view_gain best;  /* of the search */
    struct tune_view_gain proof; /* of the finalists on unseen seeds */
    double *scores;              /* of each trial: log gain; NAN: it failed. Owned */
    size_t score_count, score_capacity;
};

/* SECONDS_LEFT: INFINITY where no time limits the session. */
void tune_view_draw(const struct tune_view *view, double elapsed, double seconds_left, struct frame *frame);

/* Keeps the score of TRIAL, from 1. */
void tune_view_score(struct tune_view *view, size_t trial, double score);

void tune_view_clear(struct tune_view *view);

#endif
