/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See workload.h. */
#include "config.h"

#include "cli/workload/workload.h"

#include "cli/workload/kinds.h"

#include <stdio.h>
#include <string.h>

/* What a shell, and those who go by it, say of a command that it cannot run, or that is not there: never the command's
 * own word. */
#define STATUS_CANNOT_RUN 126
#define STATUS_NOT_FOUND 127

const struct workload_kind *workload_kind(const struct workload *work)
{
    if (work->server)
        return &workload_server;
    return work->workload ? &workload_built_in : &workload_user_command;
}

void workload_name(const struct workload *work, char *text, size_t size)
{
    if (work->job[0])
        snprintf(text, size, "%s", work->job);
    else
        workload_kind(work)->name(work, text, size);
}

bool workload_may_scale(const struct workload *work)
{
    return workload_kind(work)->scales && work->operations == 0;
}

static bool any_mentions(char *const *texts, const char *placeholder)
{
    for (size_t i = 0; texts && texts[i]; i++)
        if (strstr(texts[i], placeholder))
            return true;
    return false;
}

bool workload_mentions(const struct workload *work, const char *placeholder)
{
    const char *const texts[] = {work->prepare, work->directory, work->stdin_path, work->server,
                                 work->load,    work->warm_up,   work->ready.text};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i] && strstr(texts[i], placeholder))
            return true;
    return any_mentions(work->command, placeholder) || any_mentions((char *const *)work->assignments, placeholder);
}

bool workload_status_is_ok(const struct workload *work, int exit_status)
{
    if (exit_status == 0)
        return true;
    return exit_status > 0 && exit_status < 256 && (work->ok.bits[exit_status / 64] >> (exit_status % 64) & 1);
}

const char *workload_cure(const struct workload *work, int exit_status, char *text, size_t size)
{
    bool is_word = exit_status > 0 && exit_status != STATUS_CANNOT_RUN && exit_status != STATUS_NOT_FOUND;
    text[0] = '\0';
    if (is_word && !workload_kind(work)->is_ours)
        snprintf(text, size, "; where that is no failure, give --ok-status %d", exit_status);
    return text;
}
