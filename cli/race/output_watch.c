/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See output_watch.h. */
#include "config.h"

#include "cli/race/output_watch.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_AT_ONCE 16384
#define LONGEST_NUMBER 63

int output_watch_init(struct output_watch *watch, const struct metric_set *set, int shown_fd)
{
    *watch = (struct output_watch){.set = set, .shown_fd = shown_fd};
    if (!set || set->own_count == 0)
        return 0;
    if (!(watch->line = malloc(OUTPUT_LONGEST_LINE + 1)))
        return -1;
    for (size_t i = 0; i < set->own_count; i++, watch->figures++) {
        int error = regcomp(&watch->figure[i].expression, set->own[i].pattern, REG_EXTENDED | REG_NEWLINE);
        if (error == 0)
            continue;
        output_watch_release(watch);
        errno = error == REG_ESPACE ? ENOMEM : EINVAL;
        return -1;
    }
    return 0;
}

void output_watch_release(struct output_watch *watch)
{
    for (size_t i = 0; i < watch->figures; i++)
        regfree(&watch->figure[i].expression);
    free(watch->line);
    *watch = (struct output_watch){0};
}

/* ---- numbers ---- */

/* The length of a number with commas between its thousands at the start of TEXT; 0: it has none. */
static size_t length_in_thousands(const char *text)
{
    size_t length = strspn(text, "0123456789"), groups = 0;
    if (length == 0 || length > 3 || text[0] == '0')
        return 0;
    while (text[length] == ',' && strspn(text + length + 1, "0123456789") == 3) {
        length += 4;
        groups++;
    }
    return groups > 0 ? length : 0;
}

static void remove_commas(char *text, size_t length)
{
    size_t kept = 0;
    for (size_t i = 0; i < length; i++)
        if (text[i] != ',')
            text[kept++] = text[i];
    memmove(text + kept, text + length, strlen(text + length) + 1);
}

bool output_read_number(const char *text, size_t length, double *number)
{
    char copy[LONGEST_NUMBER + 1], *end;
    for (; length > 0 && isspace((unsigned char)*text); length--)
        text++;
    if (length > LONGEST_NUMBER)
        length = LONGEST_NUMBER;
    memcpy(copy, text, length);
    copy[length] = '\0';
    char *digits = copy + (copy[0] == '-' || copy[0] == '+');
    remove_commas(digits, length_in_thousands(digits));
    *number = strtod(copy, &end);
    bool may_be_either = end[0] == ',' && isdigit((unsigned char)end[1]);
    return end != copy && isfinite(*number) && !may_be_either;
}

/* ---- lines ---- */

static void take(struct output_figure *figure, double number)
{
    figure->most = figure->count == 0 || number > figure->most ? number : figure->most;
    figure->last = number;
    figure->sum += number;
    figure->count++;
}

/* The first group of the pattern, or all that it matches. */
static void match_line(struct output_watch *watch, const char *line)
{
    for (size_t i = 0; i < watch->figures; i++) {
        struct output_figure *figure = &watch->figure[i];
        regmatch_t match[2];
        double number;
        if (regexec(&figure->expression, line, 2, match, 0) != 0)
            continue;
        const regmatch_t *part = figure->expression.re_nsub > 0 ? &match[1] : &match[0];
        if (part->rm_so >= 0 && output_read_number(line + part->rm_so, (size_t)(part->rm_eo - part->rm_so), &number))
            take(figure, number);
    }
}

static void end_line(struct output_watch *watch)
{
    watch->line[watch->length] = '\0';
    match_line(watch, watch->line);
    watch->length = 0;
}

static void take_text(struct output_watch *watch, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n' || watch->length == OUTPUT_LONGEST_LINE)
            end_line(watch);
        if (text[i] != '\n')
            watch->line[watch->length++] = text[i] ? text[i] : ' ';
    }
}

static void show(int fd, const char *text, size_t length)
{
    while (fd >= 0 && length > 0) {
        ssize_t written = write(fd, text, length);
        if (written <= 0 && errno != EINTR)
            return;
        text += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
}

void output_watch_read(struct output_watch *watch, int fd)
{
    char text[READ_AT_ONCE];
    while (watch->figures > 0 && fd >= 0) {
        ssize_t length = pread(fd, text, sizeof text, watch->read_to);
        if (length <= 0)
            return;
        show(watch->shown_fd, text, (size_t)length);
        take_text(watch, text, (size_t)length);
        watch->read_to += length;
    }
}

void output_watch_end(struct output_watch *watch)
{
    if (watch->figures > 0 && watch->length > 0)
        end_line(watch);
}

double output_watch_value(const struct output_watch *watch, size_t i)
{
    if (i >= watch->figures || watch->figure[i].count == 0)
        return NAN;
    const struct output_figure *figure = &watch->figure[i];
    switch (watch->set->own[i].gather) {
    case METRIC_SUM:
        return figure->sum;
    case METRIC_MEAN:
        return figure->sum / (double)figure->count;
    case METRIC_MAX:
        return figure->most;
    case METRIC_LAST:
        break;
    }
    return figure->last;
}
