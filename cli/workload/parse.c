/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See parse.h. */
#include "config.h"

#include "cli/workload/parse.h"

#include "cli/metric/expression.h"

#include <ctype.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PORT 65535
#define MOST_SIGNAL 64
#define MOST_STATUS 255

/* A whole number of at most MOST, up to one of the characters of ENDS or the end. Moves *TEXT behind it. */
static bool take_number(const char **text, const char *ends, long most, long *number)
{
    if (!isdigit((unsigned char)**text))
        return false;
    char *end;
    *number = strtol(*text, &end, 10);
    *text = end;
    return *number <= most && (*end == '\0' || strchr(ends, *end));
}

static bool is_port(const char *text)
{
    long port;
    return strcmp(text, WORDS_PORT) == 0 || (take_number(&text, "", MOST_PORT, &port) && port > 0);
}

static bool is_expression(const char *text)
{
    char why[EXPRESSION_WHY];
    return *text && expression_check(text, NULL, why) == 0;
}

static const char *after(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

const char *parse_ready(const char *text, struct workload_ready *ready)
{
    const char *rest;
    if ((rest = after(text, "tcp:"))) {
        *ready = (struct workload_ready){WORKLOAD_READY_TCP, rest};
        return is_port(rest) ? NULL : "tcp: and a port from 1 to 65535, or tcp:{port}";
    }
    if ((rest = after(text, "exec:"))) {
        *ready = (struct workload_ready){WORKLOAD_READY_EXEC, rest};
        return rest[strspn(rest, " \t\n")] ? NULL : "exec: and a command";
    }
    if ((rest = after(text, "log:"))) {
        *ready = (struct workload_ready){WORKLOAD_READY_LOG, rest};
        return is_expression(rest) ? NULL
                                   : "log: and an extended regular expression that compiles in " EXPRESSION_LIMIT;
    }
    return "tcp:PORT, exec:COMMAND or log:REGEX";
}

const char *parse_signal(const char *text, int *signal_number)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT},   {"KILL", SIGKILL}, {"USR1", SIGUSR1},
                   {"USR2", SIGUSR2}, {"TERM", SIGTERM}, {"WINCH", SIGWINCH}, {"PWR", SIGPWR}};
    const char *name = after(text, "SIG") ? after(text, "SIG") : text;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        if (strcmp(name, signals[i].name) == 0) {
            *signal_number = signals[i].number;
            return NULL;
        }
    }
    long number;
    if (take_number(&text, "", MOST_SIGNAL, &number) && number > 0) {
        *signal_number = (int)number;
        return NULL;
    }
    return "HUP, INT, QUIT, KILL, USR1, USR2, TERM, WINCH, PWR, or a number from 1 to 64";
}

const char *parse_statuses(const char *text, struct workload_statuses *statuses)
{
    for (;; text++) {
        long status;
        if (!take_number(&text, ",", MOST_STATUS, &status))
            return "exit statuses from 0 to 255 with commas between them";
        statuses->bits[status / 64] |= UINT64_C(1) << (status % 64);
        if (!*text)
            return NULL;
    }
}

/* A name that a shell could set too. */
static bool is_name(const char *text, size_t length)
{
    if (length == 0 || isdigit((unsigned char)*text))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '_')
            return false;
    return true;
}

const char *parse_assignment(const char *text, struct workload *work)
{
    size_t count = 0, length = strcspn(text, "=");
    if (!text[length] || !is_name(text, length))
        return "NAME=VALUE";
    if (after(text, "LD_PRELOAD=") || after(text, "HAKMEM_"))
        return "another name: LD_PRELOAD and HAKMEM_... are set for each contender";
    while (work->assignments[count])
        count++;
    if (count == WORKLOAD_MOST_ASSIGNMENTS)
        return "at most 32 of them";
    work->assignments[count] = text;
    return NULL;
}
