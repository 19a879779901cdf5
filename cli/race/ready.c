/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See ready.h. */
#include "config.h"

#include "cli/race/ready.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST_LINE 8192 /* what is longer is looked at in parts */

int ready_init(struct ready *ready, const struct workload_ready *condition, const struct place *place)
{
    *ready = (struct ready){.condition = condition, .place = place, .port = place->port, .output_fd = -1};
    if (condition->kind == WORKLOAD_READY_TCP && strcmp(condition->text, WORDS_PORT) != 0)
        ready->port = (unsigned)atoi(condition->text);
    if (condition->kind != WORKLOAD_READY_LOG)
        return 0;
    errno = EINVAL;
    ready->has_expression = regcomp(&ready->expression, condition->text, REG_EXTENDED | REG_NOSUB) == 0;
    return ready->has_expression ? 0 : -1;
}

void ready_release(struct ready *ready)
{
    if (ready->has_expression)
        regfree(&ready->expression);
    ready->has_expression = false;
}

/* Looks at the lines of TEXT. The last one may not be whole yet: it is looked at again. */
static bool find_line(struct ready *ready, char *text, size_t length)
{
    char *line = text;
    for (char *end; (end = memchr(line, '\n', length - (size_t)(line - text))); line = end + 1) {
        *end = '\0';
        if (regexec(&ready->expression, line, 0, NULL, 0) == 0)
            return true;
    }
    bool fills_all = line == text && length == LONGEST_LINE;
    ready->read_to += fills_all ? (off_t)length : line - text;
    return regexec(&ready->expression, line, 0, NULL, 0) == 0;
}

static bool log_matches(struct ready *ready)
{
    char text[LONGEST_LINE + 1];
    for (;;) {
        ssize_t length = pread(ready->output_fd, text, LONGEST_LINE, ready->read_to);
        if (length <= 0)
            return false;
        text[length] = '\0';
        off_t before = ready->read_to;
        if (find_line(ready, text, (size_t)length))
            return true;
        if (ready->read_to == before)
            return false;
    }
}

bool ready_is(struct ready *ready)
{
    if (ready->condition->kind == WORKLOAD_READY_TCP)
        return place_port_answers(ready->place, ready->port);
    return ready->condition->kind == WORKLOAD_READY_LOG && log_matches(ready);
}
