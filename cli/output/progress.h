/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is going on, on standard error: one line that is redrawn on a terminal, plain lines when piped, nothing when
 * quiet.
 *
 * Owned by one thread. Below this file: nothing of ours. */
#ifndef HAK_OUTPUT_PROGRESS_H
#define HAK_OUTPUT_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

enum progress_mode { PROGRESS_QUIET, PROGRESS_PLAIN, PROGRESS_LIVE };

struct progress {
    FILE *stream;
    enum progress_mode mode;
    bool line_shown; /* the live line is on the screen */
};

/* STREAM is usually stderr. Live only on a terminal that can erase a line (TERM is set and not "dumb"). */
void progress_open(struct progress *progress, FILE *stream, bool quiet);

/* Where things stand. Live: redraws the line, cut to the terminal's width. Plain: nothing, it would be a line for every
 * moment. */
void progress_state(struct progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Something was done. Live: redraws the line. Plain: a line. */
void progress_step(struct progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Something that must stay readable. Live and plain: a line of its own. */
void progress_note(struct progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Takes the live line off the screen; to be called before anything else is printed on the terminal. */
void progress_clear(struct progress *progress);

#endif
