/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a comparison is, as one line of a terminal that renews itself. The comparison's thread. Below:
 * cli/output/progress. */
#ifndef HAK_REPORT_ROUND_PROGRESS_H
#define HAK_REPORT_ROUND_PROGRESS_H

#include "cli/output/progress.h"

struct round_progress {
    struct progress *progress;
    const char *what; /* is compared, or empty */
    char name[128];   /* of the work */
    unsigned round;
    double ends; /* of the monotonic clock; INFINITY: no time limits it */
};

/* PROGRESS is open until progress_clear. */
void round_progress_begin(struct round_progress *rounds, struct progress *progress, const char *what);

/* For on_round of a comparison_request; ROUNDS is a struct round_progress. */
void round_progress_hear(void *rounds, const char *name, unsigned round, double seconds_left);

#endif
