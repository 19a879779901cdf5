/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile that a session ends with, and where it came from as comments. One thread. Below: cli/subject,
 * cli/journal/session_record, whole_file. */
#ifndef HAK_REPORT_TUNED_PROFILE_H
#define HAK_REPORT_TUNED_PROFILE_H

#include "cli/journal/session_record.h"
#include "cli/output/whole_file.h"
#include "cli/tune/settings.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The output's name where none is given: the workload's name, or the command's without directories, with SUFFIX; in the
 * current directory. Characters that file names had better not have become '-'. */
void tuned_profile_name(const struct workload *work, const char *suffix, char *name, size_t size);

/* The file for AIM's winner, or for the default where none is significantly better: the profile, and before it as
 * comments the machine, the work, the gain with its interval, the seed, the version and the date. malloc'd. SETTINGS
 * are those of the live session that RECORD is of. */
char *tuned_profile_make(const struct session_settings *settings, const struct session_record *record,
                         enum goal_aim aim);

/* Whether the file at PATH stays as it is: nothing better than the default was found, and the profile that is there was
 * proven by another session, or written by somebody. */
bool tuned_profile_stays(const char *path, const struct session_record *record, enum goal_aim aim);

/* Writes TEXT to PATH: into a file beside it first, which is renamed when it is complete. The file that is there
 * already is kept, under the name in KEPT (empty: there was none). False: the reason is in MESSAGE, and PATH is as it
 * was. */
bool tuned_profile_write(const char *path, const char *text, char kept[WHOLE_FILE_KEPT], char *message, size_t size);

/* Whether nothing is at PATH but what such a profile may replace: nothing, an empty file, or what SUBJECT has
 * written. False: one
 * line in MESSAGE. */
bool tuned_profile_may_replace(const char *path, const struct subject *subject, char *message, size_t size);

#endif
