/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands of the user's, which end by themselves; see workload.h. */
#include "config.h"

#include "cli/workload/kinds.h"
#include "cli/workload/text.h"

#include <errno.h>
#include <stdio.h>

static void name(const struct workload *work, char *text, size_t size)
{
    snprintf(text, size, "%s", work->command && work->command[0] ? work->command[0] : "");
}

static void describe(const struct workload *work, char *text, size_t size)
{
    text_append_words(text, size, 0, work->command);
}

static int words(const struct workload *work, const struct words_place *place, uint64_t seed, struct words *words)
{
    (void)seed; /* it is in the environment */
    if (!work->command || !work->command[0]) {
        errno = EINVAL;
        return -1;
    }
    for (size_t i = 0; work->command[i]; i++)
        if (words_add_filled(words, work->command[i], place) != 0)
            return -1;
    return 0;
}

const struct workload_kind workload_user_command = {
    .label = "command",
    .usage_status = -1,
    .name = name,
    .describe = describe,
    .words = words,
};
