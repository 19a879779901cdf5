/* SPDX-License-Identifier: MIT */
/* Test results in TAP, without allocating: lines are formatted on the stack and written at once, so that a test of an
 * allocator sees its own allocations only, and can report before constructors and after destructors.
 *
 * One thread reports at a time. Nothing is below this file but the C library. */
#ifndef HAK_TESTS_TAP_H
#define HAK_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Longest line that is reported whole. */
#define TAP_LINE_MAX 512
/* Notes before one result; a check that fails in a loop would drown the log. */
#define TAP_NOTES_MAX 10

static int tap_count;    /* results so far */
static int tap_failures; /* of them bad ones */
static int tap_notes;    /* since the last result */

static inline void tap_write(const char *start, const char *format, va_list arguments)
{
    char line[TAP_LINE_MAX];
    size_t length = (size_t)snprintf(line, sizeof line, "%s", start);
    int more = vsnprintf(line + length, sizeof line - length - 1, format, arguments);
    if (more > 0)
        length += (size_t)more;
    if (length > sizeof line - 2)
        length = sizeof line - 2;
    line[length++] = '\n';
    if (write(STDOUT_FILENO, line, length) < 0)
        _exit(99); /* automake's "hard error": nobody would see a result */
}

/* A line for the log that is no result; those above TAP_NOTES_MAX in a row are dropped. */
__attribute__((format(printf, 1, 2))) static inline void tap_note(const char *format, ...)
{
    va_list arguments;
    if (++tap_notes > TAP_NOTES_MAX)
        return;
    va_start(arguments, format);
    tap_write("# ", format, arguments);
    va_end(arguments);
}

/* One result; returns GOOD. */
__attribute__((format(printf, 2, 3))) static inline bool tap_ok(bool good, const char *format, ...)
{
    char start[32];
    va_list arguments;
    tap_count++;
    tap_failures += !good;
    tap_notes = 0;
    snprintf(start, sizeof start, "%s %d - ", good ? "ok" : "not ok", tap_count);
    va_start(arguments, format);
    tap_write(start, format, arguments);
    va_end(arguments);
    return good;
}

/* A result that cannot be had here; FORMAT says why. */
__attribute__((format(printf, 1, 2))) static inline void tap_skip(const char *format, ...)
{
    char start[32];
    va_list arguments;
    tap_count++;
    snprintf(start, sizeof start, "ok %d # SKIP ", tap_count);
    va_start(arguments, format);
    tap_write(start, format, arguments);
    va_end(arguments);
}

/* Whether this is a cross build's program, run by an emulator, which has limits and memory of its own. */
static inline bool tap_in_emulator(void)
{
    const char *runner = getenv("TEST_RUNNER");
    return runner != NULL && *runner != '\0';
}

static inline void tap_plan(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tap_write("1..", format, arguments);
    va_end(arguments);
}

/* The plan, which comes last; returns the exit status. */
static inline int tap_done(void)
{
    tap_plan("%d", tap_count);
    return tap_failures != 0;
}

#endif
