/* See progress.h. */
#include "cli/terminal/progress.h"

#include "cli/terminal/table.h"

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

void progress_state(struct progress *progress, const char *format, ...)
{
    if (progress->mode != PROGRESS_LIVE)
        return;
    char text[LONGEST_LINE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    redraw(progress, text);
}

void progress_step(struct progress *progress, const char *format, ...)
{
    if (progress->mode == PROGRESS_QUIET)
        return;
    char text[LONGEST_LINE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (progress->mode == PROGRESS_LIVE)
        redraw(progress, text);
    else
        print_line(progress, text);
}

void progress_note(struct progress *progress, const char *format, ...)
{
    if (progress->mode == PROGRESS_QUIET)
        return;
    char text[LONGEST_LINE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    progress_clear(progress);
    print_line(progress, text);
}

void progress_clear(struct progress *progress)
{
    if (!progress->line_shown)
        return;
    fputs("\r" ERASE_TO_END, progress->stream);
    fflush(progress->stream);
    progress->line_shown = false;
}
