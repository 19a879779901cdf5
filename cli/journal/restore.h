/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a journal's lines back to figures, points and candidates. What is not there, or makes no sense, is left out. Any
 * thread may call anything. Below: record, cli/tune/settings, jansson. */
#ifndef HAK_JOURNAL_RESTORE_H
#define HAK_JOURNAL_RESTORE_H

#include "cli/tune/candidate.h"
#include "cli/tune/remark.h"
#include "cli/tune/settings.h"

#include <jansson.h>
#include <stdbool.h>

void restore_sample(const struct metric_set *set, const json_t *object, struct metric_sample *sample);

struct space_point restore_point(const struct space *space, const json_t *profile);

/* False: a later version's remark. */
bool restore_remark(const json_t *line, struct remark *remark);

/* A "trial" line's run: true, or false where the candidate failed in it; then *REASON, which belongs to LINE, says why.
 */
bool restore_run(const struct metric_set *set, const json_t *line, struct candidate_run *run, const char **reason);

/* Adds to CANDIDATE what a "trial" line says of it. */
void restore_trial(const struct metric_set *set, const json_t *line, struct candidate *candidate);

/* The aim called NAME, or GOAL_AIMS. */
enum goal_aim restore_aim(const char *name);

/* Whether LINES end with a verdict. */
bool restore_is_finished(const json_t *lines);

/* What LINES amount to (the header is skipped), for a session that goes on; session_past_clear() afterwards. Lines of a
 * later version or of unknown type are left out. */
void restore_past(const struct session_settings *settings, const json_t *lines, struct session_past *past);

#endif
