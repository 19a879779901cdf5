/* SPDX-License-Identifier: MIT */
#include "lib/base/report.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void report_text(int descriptor, const char *text, size_t length)
{
    int cancel;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    for (size_t done = 0; done < length;) {
        ssize_t step = write(descriptor, text + done, length - done);
        if (step < 0 && errno == EINTR)
            continue;
        /* closed or full: there is nobody to tell */
        if (step <= 0)
            break;
        done += (size_t)step;
    }
    pthread_setcancelstate(cancel, &cancel);
}

/* vsnprintf of the C library allocates nothing for the conversions used here (%s %d %u %zu %p and the like). */
static void write_line(const char *format, va_list arguments)
{
    char line[1024] = "hakmem: ";
    size_t start = strlen(line);
    int written = vsnprintf(line + start, sizeof line - start - 1, format, arguments);
    size_t length = written < 0 ? start : start + (size_t)written;
    if (length > sizeof line - 2)
        length = sizeof line - 2;
    line[length++] = '\n';
    report_text(STDERR_FILENO, line, length);
}

void report_line(const char *format, ...)
{
    int saved = errno;
    va_list arguments;
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
    errno = saved;
}

void report_fatal(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
    abort();
}
