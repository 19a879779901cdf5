/* SPDX-License-Identifier: MIT */
#include "lib/base/report.h"

#include "lib/base/compiler.h"
#include "lib/base/gate.h"
#include "lib/base/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
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

/* Const after the start: the program goes on after misuse. */
static bool survives_misuse;

static void read_environment(void)
{
    const char *value = secure_getenv("HAKMEM_ABORT");
    survives_misuse = value != NULL && strcmp(value, "0") == 0;
    if (value != NULL && value[0] != '\0' && !survives_misuse && strcmp(value, "1") != 0)
        report_line("HAKMEM_ABORT: \"%s\" is neither 0 nor 1; misuse ends the program", value);
}

static void note_standard_error(void)
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

void report_start(void)
{
    note_standard_error();
    read_environment();
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
static void make_line_with(struct line *line, const char *start, const char *format, va_list arguments)
{
    size_t before = strlen(start), room = sizeof line->text - before - 1; /* its NUL's place is the newline's */
    memcpy(line->text, start, before);
    int written = vsnprintf(line->text + before, room, format, arguments);
    line->length = before + (written < 0 ? 0 : size_minimum((size_t)written, room - 1));
    writer_show_controls(line->text, line->length, '?'); /* names in it are somebody else's choice */
    line->text[line->length++] = '\n';
}

static void make_line(struct line *line, const char *format, va_list arguments)
{
    make_line_with(line, "hakmem: ", format, arguments);
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

void report_detail(const char *format, ...)
{
    int saved = errno;
    struct line line;
    va_list arguments;
    va_start(arguments, format);
    make_line_with(&line, "    ", format, arguments);
    va_end(arguments);
    write_line(&line);
    errno = saved;
}

static void (*write_details)(const void *subject); /* const after the start; NULL: there are none */

void report_set_details(void (*details)(const void *subject))
{
    write_details = details;
}

static void add_details(const void *subject)
{
    if (write_details != NULL && report_has_standard_error())
        write_details(subject);
}

/* For a debugger: a core dump has here what could not be written. */
static struct line last_words __attribute__((used));

static _Noreturn void end_with(const struct line *line)
{
    last_words = *line;
    write_line(line);
    gate_abandon();
    abort();
}

static _Noreturn void end_after_misuse(const struct line *line, const void *subject)
{
    last_words = *line;
    write_line(line);
    add_details(subject);
    gate_abandon();
    abort();
}

void report_fatal(const char *format, ...)
{
    struct line line;
    va_list arguments;
    va_start(arguments, format);
    make_line(&line, format, arguments);
    va_end(arguments);
    end_with(&line);
}

static void survive_with(const struct line *line, const void *subject)
{
    static _Atomic uint32_t misuses; /* relaxed: only how many there are matters */
    int saved = errno;
    uint32_t before = atomic_load_explicit(&misuses, memory_order_relaxed);
    if (before < REPORT_MISUSES_MOST) {
        before = atomic_fetch_add_explicit(&misuses, 1, memory_order_relaxed);
        write_line(line);
        add_details(subject);
        if (before == REPORT_MISUSES_MOST - 1)
            report_line("that was misuse number %d; what follows is not reported", REPORT_MISUSES_MOST);
    }
    errno = saved;
}

static void tell_misuse(const struct line *line, const void *subject)
{
    if (!survives_misuse)
        end_after_misuse(line, subject);
    survive_with(line, subject);
}

void report_misuse(const char *format, ...)
{
    struct line line;
    va_list arguments;
    va_start(arguments, format);
    make_line(&line, format, arguments);
    va_end(arguments);
    tell_misuse(&line, NULL);
}

void report_misuse_of(const void *subject, const char *format, ...)
{
    struct line line;
    va_list arguments;
    va_start(arguments, format);
    make_line(&line, format, arguments);
    va_end(arguments);
    tell_misuse(&line, subject);
}
