/* SPDX-License-Identifier: MIT */
#include "lib/base/report.h"

#include "lib/base/compiler.h"
#include "lib/base/gate.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What standard error was at the start: its device, its number there, and its kind. Written once, before a second
 * thread can be there. */
static struct {
    bool known, open;
    dev_t device, special;
    ino_t number;
    mode_t kind;
} standard_error;

void report_start(void)
{
    int saved = errno;
    struct stat now;
    standard_error.open = fstat(STDERR_FILENO, &now) == 0;
    if (standard_error.open) {
        standard_error.device = now.st_dev;
        standard_error.special = now.st_rdev;
        standard_error.number = now.st_ino;
        standard_error.kind = now.st_mode & S_IFMT;
    }
    standard_error.known = true;
    errno = saved;
}

bool report_has_standard_error(void)
{
    struct stat now;
    if (!standard_error.known)
        return true;
    return standard_error.open && fstat(STDERR_FILENO, &now) == 0 && now.st_dev == standard_error.device &&
           now.st_rdev == standard_error.special && now.st_ino == standard_error.number &&
           (now.st_mode & S_IFMT) == standard_error.kind;
}

size_t report_text(int descriptor, const char *text, size_t length)
{
    int cancel;
    size_t done = 0;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    while (done < length) {
        ssize_t step = write(descriptor, text + done, length - done);
        if (step < 0 && errno == EINTR)
            continue;
        /* closed or full: there is nobody to tell */
        if (step <= 0)
            break;
        done += (size_t)step;
    }
    pthread_setcancelstate(cancel, &cancel);
    return done;
}

struct line {
    size_t length;
    char text[1024];
};

/* vsnprintf of the C library allocates nothing for the conversions used here (%s %d %u %zu %p and the like). */
static void make_line(struct line *line, const char *format, va_list arguments)
{
    static const char start[] = "hakmem: ";
    size_t room = sizeof line->text - sizeof start; /* its NUL's place is the newline's */
    memcpy(line->text, start, sizeof start);
    int written = vsnprintf(line->text + sizeof start - 1, room, format, arguments);
    line->length = sizeof start - 1 + (written < 0 ? 0 : size_minimum((size_t)written, room - 1));
    line->text[line->length++] = '\n';
}

static void write_line(const struct line *line)
{
    if (report_has_standard_error())
        report_text(STDERR_FILENO, line->text, line->length);
}

void report_line(const char *format, ...)
{
    int saved = errno;
    struct line line;
    va_list arguments;
    va_start(arguments, format);
    make_line(&line, format, arguments);
    va_end(arguments);
    write_line(&line);
    errno = saved;
}

/* For a debugger: a core dump has here what could not be written. */
static struct line last_words __attribute__((used));

void report_fatal(const char *format, ...)
{
    struct line line;
    va_list arguments;
    va_start(arguments, format);
    make_line(&line, format, arguments);
    va_end(arguments);
    last_words = line;
    write_line(&line);
    gate_abandon();
    abort();
}
