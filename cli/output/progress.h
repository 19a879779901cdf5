/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is going on, on standard error: lines that renew themselves on a terminal, plain lines when piped, nothing when
 * quiet.
 *
 * Owned by one thread. Below: screen, style, units, utf8. */
#ifndef HAK_OUTPUT_PROGRESS_H
#define HAK_OUTPUT_PROGRESS_H

#include "cli/output/screen.h"

#include <stdbool.h>
#include <stdio.h>

enum progress_mode { PROGRESS_QUIET, PROGRESS_PLAIN, PROGRESS_LIVE };

struct progress {
    FILE *stream;
    enum progress_mode mode;
    double opened; /* seconds of a monotonic clock */
    struct screen screen;
};

/* STREAM is usually stderr. Live only on a terminal that can erase a line (TERM is set and not "dumb"). PROGRESS must
 * stay where it is. */
void progress_open(struct progress *progress, FILE *stream, bool quiet);

/* Live: DRAW's lines are on the screen from now on; see screen_show. Else nothing. */
void progress_show(struct progress *progress, screen_draw *draw, void *context);

/* What DRAW reads is changed between these two. */
void progress_lock(struct progress *progress);
void progress_unlock(struct progress *progress);

/* Something that must stay readable. Live and plain: lines of its own, as wide as those of the terminal. */
void progress_note(struct progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Something was done. Live: nothing, the lines on the screen say it. Plain: a line, which begins with the time since
 * progress_open. */
void progress_log(struct progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Takes the live lines off the screen; to be called before anything else is printed on the terminal. */
void progress_clear(struct progress *progress);

#endif
