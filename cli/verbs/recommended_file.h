/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings of the allocator that a selection recommends as a file: NAME.yaml where it is libhakmem with a tuned
 * profile, else NAME.env with the environment variables to set. Main thread. Below: several, cli/report. */
#ifndef HAK_VERBS_RECOMMENDED_FILE_H
#define HAK_VERBS_RECOMMENDED_FILE_H

#include "cli/report/selection_words.h"
#include "cli/verbs/several.h"

#include <limits.h>
#include <stddef.h>

struct recommended_file {
    char path[PATH_MAX];    /* empty: nothing is to be set, or what was there before stays */
    char profile[PATH_MAX]; /* its absolute path, where it is a profile; else empty */
};

/* Whether both files can be written and what is there may be replaced; before anything runs. Returns 0, or the exit
 * status after one line was printed. */
int recommended_file_check(const struct options *options, const struct workload *work);

/* Writes the one that VIEW recommends; what was there before is kept under a number, or stays where nothing better than
 * the first was found. SETTINGS are those of the whole. Returns 0, or the exit status after one line was printed. */
int recommended_file_write(struct recommended_file *file, const struct several *several,
                           const struct selection_view *view, const struct session_settings *settings);

#endif
