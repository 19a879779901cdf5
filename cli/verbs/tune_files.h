/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that a session ends with: a profile for each aim, and the journal. Main thread. Below: cli/options,
 * cli/report, cli/journal. */
#ifndef HAK_VERBS_TUNE_FILES_H
#define HAK_VERBS_TUNE_FILES_H

#include "cli/journal/record_outcome.h"
#include "cli/journal/session_record.h"
#include "cli/options/options.h"
#include "cli/output/progress.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct tune_files {
    char profile[GOAL_AIMS][PATH_MAX]; /* empty: not saved; of the recommended one "-": the standard output */
    char journal[PATH_MAX];
    bool left;          /* the recommended profile that was there before stays */
    bool winners_alone; /* by the caller: where nothing is better than the default, that is not saved */
};

/* The name that is saved under where none is given: WORK.yaml, or with ALLOCATOR (else empty) WORK-ALLOCATOR.yaml;
 * where that is the file of the JOB (may be NULL) itself WORK-tuned.yaml. */
void tune_files_name_output(char path[PATH_MAX], const char *job, const struct workload *work, const char *allocator,
                            const char *suffix);

/* Names the files, as OPTIONS say or else after the work and ALLOCATOR: FILE.yaml has FILE-fastest.yaml and
 * FILE.journal beside it. */
void tune_files_name(struct tune_files *files, const struct options *options, const struct session_settings *settings,
                     const struct subject *subject, const char *allocator);

/* The recommended profile goes there: the report then goes to the standard error. */
bool tune_files_to_standard_output(const struct tune_files *files);

/* Whether all can be written and what is there may be replaced. Returns 0, or the exit status with the reason in
 * MESSAGE. */
int tune_files_check(const struct tune_files *files, const struct subject *subject, char *message, size_t size);

/* Writes the profiles of RECORD's winners: the recommended one as tuned_profile_make() says, and each end of the front
 * that has a winner of its own. SAVED, zeroed before, has what was written; tune_files_clear() afterwards. False: the
 * reason is in MESSAGE. */
bool tune_files_save(struct tune_files *files, const struct session_settings *settings,
                     const struct session_record *record, struct progress *progress, struct record_files *saved,
                     char *message, size_t size);

void tune_files_clear(struct record_files *saved);

#endif
