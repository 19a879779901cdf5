/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See checks.h. */
#include "config.h"

#include "cli/options/checks.h"

#include "cli/workload/parse.h"

#include <string.h>

const char *check_command_line(const char *text)
{
    return text[strspn(text, " \t\n")] ? NULL : "a command";
}

const char *check_assignment(const char *text)
{
    struct workload work = {0};
    return parse_assignment(text, &work);
}

const char *check_statuses(const char *text)
{
    struct workload_statuses statuses = {0};
    return parse_statuses(text, &statuses);
}

const char *check_ready(const char *text)
{
    struct workload_ready ready;
    return parse_ready(text, &ready);
}

const char *check_signal(const char *text)
{
    int number;
    return parse_signal(text, &number);
}
