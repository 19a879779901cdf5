/* SPDX-License-Identifier: MIT */
#include "lib/sample/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PART_BYTES 1024 /* a signal handler may have little stack */

bool maps_each_part(void (*visit)(const char *text, size_t length, void *context), void *context)
{
    char part[PART_BYTES];
    int descriptor = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    for (ssize_t got; (got = read(descriptor, part, sizeof part)) != 0;) {
        if (got > 0)
            visit(part, (size_t)got, context);
        else if (errno != EINTR)
            break;
    }
    close(descriptor);
    return true;
}

/* A line so far. The rest of a longer one is left out. */
struct lines {
    char text[640];
    size_t length;
    void (*visit)(const struct maps_code *code, void *context);
    void *context;
};

static uint64_t read_hexadecimal(const char **text)
{
    uint64_t value = 0;
    for (;; ++*text) {
        char c = **text;
        if (c >= '0' && c <= '9')
            value = value << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | (uint64_t)(c - 'a' + 10);
        else
            return value;
    }
}

/* Behind the next blanks. */
static const char *next_field(const char *text)
{
    text += strcspn(text, " ");
    return text + strspn(text, " ");
}

/* "START-END rwxp OFFSET DEVICE INODE PATH" */
static void end_line(struct lines *lines)
{
    const char *text = lines->text;
    struct maps_code code;
    lines->text[lines->length] = '\0';
    lines->length = 0;
    code.start = read_hexadecimal(&text);
    text += *text == '-';
    code.end = read_hexadecimal(&text);
    text = next_field(text);
    bool is_code = strlen(text) > 2 && text[2] == 'x';
    text = next_field(text);
    code.offset = read_hexadecimal(&text);
    code.path = next_field(next_field(next_field(text)));
    if (is_code && code.path[0] == '/')
        lines->visit(&code, lines->context);
}

static void add_part(const char *text, size_t length, void *context)
{
    struct lines *lines = context;
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\n')
            end_line(lines);
        else if (lines->length + 1 < sizeof lines->text)
            lines->text[lines->length++] = text[i];
}

void maps_each_code(void (*visit)(const struct maps_code *code, void *context), void *context)
{
    struct lines lines = {.length = 0, .visit = visit, .context = context};
    maps_each_part(add_part, &lines);
}
