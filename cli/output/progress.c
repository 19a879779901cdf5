/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See progress.h. */
#include "cli/output/progress.h"

#include "cli/output/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERASE_TO_END "\033[K"
#define LONGEST_LINE 512

void progress_open(struct progress *progress, FILE *stream, bool quiet)
{
    const char *terminal = getenv("TERM");
    bool can_erase = isatty(fileno(stream)) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
    *progress = (struct progress){stream, quiet ? PROGRESS_QUIET : can_erase ? PROGRESS_LIVE : PROGRESS_PLAIN, false};
}

/* Bytes of TEXT that take at most WIDTH characters, cut between UTF-8 characters. */
static size_t fitting_bytes(const char *text, size_t width)
{
    size_t at = 0, characters = 0;
    while (text[at]) {
        bool starts = ((unsigned char)text[at] & 0xc0) != 0x80;
        if (starts && characters++ == width)
            break;
        at++;
    }
    return at;
}

/* The last column stays free: some terminals wrap as soon as it is written. */
static void redraw(struct progress *progress, const char *text)
{
    size_t bytes = fitting_bytes(text, table_stream_width(progress->stream) - 1);
    fprintf(progress->stream, "\r%.*s" ERASE_TO_END, (int)bytes, text);
    fflush(progress->stream);
    progress->line_shown = true;
}

static void print_line(struct progress *progress, const char *text)
{
    fprintf(progress->stream, "%s\n", text);
    fflush(progress->stream);
}

/* What a call of progress_state and its like comes to. */
static void __attribute__((format(printf, 3, 0)))
say(struct progress *progress, bool on_live_line, const char *format, va_list arguments)
{
    char text[LONGEST_LINE];
    if (progress->mode == PROGRESS_QUIET)
        return;
    vsnprintf(text, sizeof text, format, arguments);
    if (on_live_line) {
        redraw(progress, text);
        return;
    }
    progress_clear(progress);
    print_line(progress, text);
}

void progress_state(struct progress *progress, const char *format, ...)
{
    if (progress->mode != PROGRESS_LIVE)
        return;
    va_list arguments;
    va_start(arguments, format);
    say(progress, true, format, arguments);
    va_end(arguments);
}

void progress_step(struct progress *progress, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(progress, progress->mode == PROGRESS_LIVE, format, arguments);
    va_end(arguments);
}

void progress_note(struct progress *progress, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(progress, false, format, arguments);
    va_end(arguments);
}

void progress_clear(struct progress *progress)
{
    if (!progress->line_shown)
        return;
    fputs("\r" ERASE_TO_END, progress->stream);
    fflush(progress->stream);
    progress->line_shown = false;
}
