/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See alone.h. */
#include "config.h"

#include "cli/compare/alone.h"

#include <stdbool.h>
#include <string.h>

/* The exit status of timeout(1) when its time is over. */
#define TIMED_OUT 124

/* The words that programs have for it, in any case. */
static const struct {
    enum alone_cause cause;
    const char *words[10];
} signs[] = {
    {ALONE_PORT,
     {"address already in use", "address in use", "eaddrinuse", "port is already", "port is in use", "port is taken"}},
    {ALONE_FILE,
     {"already running", "another instance", "already in use", "database is locked", "lock file", "lockfile",
      "pid file", "pidfile", "file exists", "cannot lock"}},
};

static bool says_any(const char *message, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count && words[i]; i++)
        if (strcasestr(message, words[i]))
            return true;
    return false;
}

enum alone_cause alone_cause_of(int status, const char *message)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (says_any(message, signs[i].words, sizeof signs[i].words / sizeof *signs[i].words))
            return signs[i].cause;
    return status == TIMED_OUT ? ALONE_TIMER : ALONE_NOT_KNOWN;
}

static bool has_failed(const struct race_result *result)
{
    return result->status == RACE_FAILED || result->status == RACE_CRASHED || result->status == RACE_HUNG;
}

bool alone_names_reason(const struct race_result *result)
{
    int exit_status = result->status == RACE_FAILED ? result->code : 0;
    return has_failed(result) && alone_cause_of(exit_status, result->message) != ALONE_NOT_KNOWN;
}

const struct race_result *alone_suspect(const struct race_result *results, size_t count)
{
    const struct race_result *failed = NULL;
    bool worked_together = false;
    for (size_t i = 0; i < count; i++) {
        if (alone_names_reason(&results[i]))
            return &results[i];
        if (!failed && has_failed(&results[i]))
            failed = &results[i];
        worked_together |= i > 0 && race_took_part(&results[0]) && race_took_part(&results[i]);
    }
    return worked_together ? NULL : failed;
}
