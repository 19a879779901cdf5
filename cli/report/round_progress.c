/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See round_progress.h. */
#include "config.h"

#include "cli/report/round_progress.h"

#include "cli/machine/clock.h"
#include "cli/output/units.h"

#include <math.h>
#include <stdio.h>

enum { LONGEST_NAME = 32 }; /* columns */

static void draw(void *context, struct frame *frame)
{
    const struct round_progress *rounds = context;
    char left[UNITS_TEXT];
    frame_begin_line(frame);
    frame_put_cut(frame, LONGEST_NAME, STYLE_BOLD, "%s", rounds->name);
    frame_put(frame, STYLE_PLAIN, ": %s%sround %u", rounds->what, rounds->what[0] ? ", " : "", rounds->round);
    if (isfinite(rounds->ends))
        frame_put(frame, STYLE_PLAIN, ", %s left", units_duration(rounds->ends - clock_now_s(), left, sizeof left));
}

void round_progress_begin(struct round_progress *rounds, struct progress *progress, const char *what)
{
    *rounds = (struct round_progress){.progress = progress, .what = what, .ends = INFINITY};
}

void round_progress_hear(void *context, const char *name, unsigned round, double seconds_left)
{
    struct round_progress *rounds = context;
    progress_lock(rounds->progress);
    snprintf(rounds->name, sizeof rounds->name, "%s", name);
    rounds->round = round;
    rounds->ends = seconds_left < 0 ? INFINITY : clock_now_s() + seconds_left;
    progress_unlock(rounds->progress);
    progress_show(rounds->progress, draw, rounds);
}
