/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that do their work alone and fail beside a copy of themselves, because there is one of something that they
 * need: how their failures tell it. Pure; any thread. Below: cli/race/result. */
#ifndef HAK_COMPARE_ALONE_H
#define HAK_COMPARE_ALONE_H

#include "cli/race/result.h"

#include <stdbool.h>
#include <stddef.h>

/* Who of COUNT results failed at the work and may not have if it had been alone: the baseline, one of several of which
 * none but the baseline did the work, or one whose failure names the reason. NULL: nobody. */
const struct race_result *alone_suspect(const struct race_result *results, size_t count);

/* Whether RESULT is a failure that says of what there is one. */
bool alone_names_reason(const struct race_result *result);

/* Of what there is one, as far as a failure tells. */
enum alone_cause {
    ALONE_NOT_KNOWN,
    ALONE_PORT,
    ALONE_FILE, /* a lock, or the file of a process's number */
    ALONE_TIMER /* that goes on while the command stands still */
};

/* What a failure with exit STATUS and MESSAGE tells. */
enum alone_cause alone_cause_of(int status, const char *message);

#endif
