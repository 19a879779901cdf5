/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session's events for who waits for it: on a terminal lines that renew themselves (tune_view), else a line for each
 * stage and for each better candidate. The session's thread. Below: tune_view, cli/tune/events, cli/output/progress. */
#ifndef HAK_REPORT_TUNE_PROGRESS_H
#define HAK_REPORT_TUNE_PROGRESS_H

#include "cli/output/progress.h"
#include "cli/report/tune_view.h"
#include "cli/tune/events.h"

struct tune_progress {
    struct progress *progress;
    struct tune_view view; /* under the progress's lock */
    double begun, ends;    /* of the monotonic clock; ends is INFINITY where no time limits the session */
    bool has_searched;     /* in this part of the session */
    bool has_logged;       /* there was a line about the best... */
    double logged_low;     /* ...whose log gain was surely this much */
};

/* For a session that begins; shown until tune_progress_end. PROGRESS is open until then. */
void tune_progress_begin(struct tune_progress *tune, struct progress *progress);
void tune_progress_end(struct tune_progress *tune);

/* For session_listen(); TUNE is a struct tune_progress. */
void tune_progress_hear(void *tune, const struct tune_event *event);

#endif
