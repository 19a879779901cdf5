/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See environment_file.h. */
#include "config.h"

#include "cli/subject/environment_file.h"

#include "cli/output/input_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/* What needs no quotes, anywhere. */
#define PLAIN LETTERS DIGITS "_-./:,=+@%"

static void write_variable(FILE *stream, const char *name, size_t length, const char *value)
{
    bool is_plain = value[strspn(value, PLAIN)] == '\0';
    fprintf(stream, "%.*s=", (int)length, name);
    if (is_plain) {
        fprintf(stream, "%s\n", value);
        return;
    }
    fputc('\'', stream);
    for (const char *at = value; *at; at++)
        fputs(*at == '\'' ? "'\\''" : (const char[]){*at, '\0'}, stream);
    fputs("'\n", stream);
}

/* COMMENT may have a command's words in it: none of them begins a line. */
static void write_comment(FILE *stream, const char *comment)
{
    fputs("# ", stream);
    for (; *comment; comment++)
        fputc(iscntrl((unsigned char)*comment) ? '?' : *comment, stream);
    fputc('\n', stream);
}

bool environment_file_write(FILE *stream, const char *library, const struct launch_environment *environment,
                            const char *const *comments, size_t count)
{
    static const char preload[] = "LD_PRELOAD";
    for (size_t i = 0; i < count; i++)
        write_comment(stream, comments[i]);
    if (library)
        write_variable(stream, preload, sizeof preload - 1, library);
    for (size_t i = 0; i < environment->count; i++) {
        const char *equal = strchr(environment->list[i], '=');
        if (equal)
            write_variable(stream, environment->list[i], (size_t)(equal - environment->list[i]), equal + 1);
    }
    return !ferror(stream);
}

static bool is_own_line(const char *line)
{
    size_t name = strspn(line, LETTERS DIGITS "_");
    return line[0] == '#' || line[0] == '\n' || (name > 0 && line[name] == '=');
}

bool environment_file_is(const char *path, char *message, size_t size)
{
    char *line = NULL;
    size_t capacity = 0;
    unsigned number = 1;
    bool good = true;
    FILE *stream = input_file_open(path);
    if (!stream) {
        snprintf(message, size, "%s: %s", path, strerror(errno));
        return false;
    }
    for (; good && getline(&line, &capacity, stream) > 0; number++) {
        good = is_own_line(line);
        if (!good)
            snprintf(message, size, "%s:%u: neither a comment nor NAME=VALUE", path, number);
    }
    free(line);
    fclose(stream);
    return good;
}
