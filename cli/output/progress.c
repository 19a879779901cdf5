/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See progress.h. */
#include "cli/output/progress.h"

#include "cli/output/style.h"
#include "cli/output/units.h"
#include "cli/output/utf8.h"

#include <stdarg.h>
#include <time.h>

#define LONGEST_LINE 2048
#define TIME_WIDTH 6 /* "59m59s" */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void progress_open(struct progress *progress, FILE *stream, bool quiet)
{
    *progress = (struct progress){.stream = stream, .opened = now()};
    progress->mode = quiet ? PROGRESS_QUIET : style_can_escape(stream) ? PROGRESS_LIVE : PROGRESS_PLAIN;
    screen_init(&progress->screen, stream);
}

void progress_show(struct progress *progress, screen_draw *draw, void *context)
{
    if (progress->mode == PROGRESS_LIVE)
        screen_show(&progress->screen, draw, context);
}

void progress_lock(struct progress *progress)
{
    screen_lock(&progress->screen);
}

void progress_unlock(struct progress *progress)
{
    screen_unlock(&progress->screen);
}

/* --- lines that stay ---------------------------------------------------------------------------------------------- */

void progress_note(struct progress *progress, const char *format, ...)
{
    char text[LONGEST_LINE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    if (progress->mode == PROGRESS_LIVE) {
        utf8_clean(text, true);
        screen_note(&progress->screen, text);
    } else if (progress->mode == PROGRESS_PLAIN) {
        fprintf(progress->stream, "%s\n", text);
        fflush(progress->stream);
    }
    va_end(arguments);
}

void progress_log(struct progress *progress, const char *format, ...)
{
    char time[UNITS_TEXT];
    va_list arguments;
    if (progress->mode != PROGRESS_PLAIN)
        return;
    va_start(arguments, format);
    fprintf(progress->stream, "%*s  ", TIME_WIDTH, units_duration(now() - progress->opened, time, sizeof time));
    vfprintf(progress->stream, format, arguments);
    fputc('\n', progress->stream);
    fflush(progress->stream);
    va_end(arguments);
}

void progress_clear(struct progress *progress)
{
    if (progress->mode == PROGRESS_LIVE)
        screen_clear(&progress->screen);
}
