/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See memory.h. */
#include "config.h"

#include "cli/output/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void *must_have(void *memory)
{
    if (!memory) {
        fputs("hakmem-tune: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

char *must_format(const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return must_have(length < 0 ? NULL : text);
}
