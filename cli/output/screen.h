/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last lines of a terminal, which renew themselves while something runs: a thread of their own draws them a few
 * times a second where they have changed, also where the terminal's size has. What is above them stays and scrolls.
 *
 * The cursor rests below the lines, and is never hidden: however the program ends, nothing has to be put back. Where it
 * was stopped and goes on, the lines begin anew below what was written meanwhile; in the background they are not drawn.
 *
 * A screen belongs to the thread that shows it; the draw function is called by the screen's own thread, with its lock
 * held. The process forks while that thread runs: a child calls nothing of this file. Below: frame, style, utf8. */
#ifndef HAK_OUTPUT_SCREEN_H
#define HAK_OUTPUT_SCREEN_H

#include "cli/output/frame.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

/* Writes the lines as they are now. */
typedef void screen_draw(void *context, struct frame *frame);

struct screen {
    FILE *stream;
    bool utf8, color, reflows; /* reflows: the terminal breaks lines anew when it gets narrower */
    pthread_mutex_t lock;      /* all below, and what `draw` reads */
    pthread_cond_t ended;
    pthread_t thread;
    bool is_running; /* of `thread`; its owner's alone */
    bool must_end;
    screen_draw *draw;
    void *context;
    size_t drawn; /* lines of `frame` that are on the terminal */
    struct frame frame;
    sig_atomic_t continued; /* what the count of SIGCONT was when they were drawn */
};

/* STREAM: a terminal of which style_can_escape is true. SCREEN must stay where it is. */
void screen_init(struct screen *screen, FILE *stream);

/* Shows what DRAW writes from now on, until screen_clear. Where no thread can be had nothing is shown. */
void screen_show(struct screen *screen, screen_draw *draw, void *context);

/* What DRAW reads is changed between these two; quickly, because the lines stand still meanwhile. */
void screen_lock(struct screen *screen);
void screen_unlock(struct screen *screen);

/* Draws at once, and not at the next of its times, what has changed. */
void screen_renew(struct screen *screen);

/* Lines that stay, each with its end, above the lines that renew themselves. */
void screen_note(struct screen *screen, const char *text);

/* Takes the lines off; to be called before anything else is written to the terminal. */
void screen_clear(struct screen *screen);

#endif
