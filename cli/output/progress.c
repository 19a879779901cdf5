/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See progress.h. */
#include "cli/output/progress.h"

#include "cli/output/style.h"
#include "cli/output/table.h"
#include "cli/output/units.h"
#include "cli/output/utf8.h"

#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#define LONGEST_LINE 2048
#define TIME_WIDTH 6 /* "59m59s" */
#define NOTE_INDENT 4

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

/* TEXT within the lines of the stream; what goes on of it begins at INDENT. */
static void write_lines(struct progress *progress, char *text, unsigned indent)
{
    char *lines = table_fold(text, indent, table_stream_width(progress->stream));
    if (progress->mode == PROGRESS_LIVE) {
        screen_note(&progress->screen, lines);
    } else {
        fputs(lines, progress->stream);
        fflush(progress->stream);
    }
    free(lines);
}

void progress_note(struct progress *progress, const char *format, ...)
{
    char text[LONGEST_LINE];
    va_list arguments;
    if (progress->mode == PROGRESS_QUIET)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (progress->mode == PROGRESS_LIVE)
        utf8_clean(text, true);
    write_lines(progress, text, NOTE_INDENT);
}

void progress_log(struct progress *progress, const char *format, ...)
{
    char text[LONGEST_LINE], time[UNITS_TEXT];
    va_list arguments;
    if (progress->mode != PROGRESS_PLAIN)
        return;
    int used =
        snprintf(text, sizeof text, "%*s  ", TIME_WIDTH, units_duration(now() - progress->opened, time, sizeof time));
    va_start(arguments, format);
    vsnprintf(text + used, sizeof text - (size_t)used, format, arguments);
    va_end(arguments);
    write_lines(progress, text, TIME_WIDTH + 2);
}

void progress_clear(struct progress *progress)
{
    if (progress->mode == PROGRESS_LIVE)
        screen_clear(&progress->screen);
}
