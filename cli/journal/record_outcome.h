/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last lines of a session: what came of it, in figures, and what was saved. All that a report of it says is in
 * these and in the lines before.
 *
 *   {"type": "outcome", "status": "done", "message", "trials", "failed", "first_failure", "budget_seconds",
 *    "run_seconds", "baseline": {...}, "baseline_operations", "best": {"profile", "gain", "error"}, "remarks": [...],
 *    "proof": {"operations", "pairs", "pair_deviation", "baseline_deviation", "baseline": {...},
 *      "winners": {"recommended": 0}, "finalists": [{"trial", "profile", "reason", "figures": {"time": [mean, low,
 * high, p]}, "tests": {"recommended": {"within_limits", "better", "p_value"}}}]}, "elapsed_seconds"}
 *   {"type": "saved", "profiles": {"recommended": {"path", "file", "text"}}, "stays": "ws8192.yaml", "environment":
 * ["NAME=VALUE", ...]}
 *
 * "winners" has the indices of finalists; "stays" is a profile that was there before and is not replaced; "environment"
 * what sets the winner, where its settings are environment variables. Below: record. */
#ifndef HAK_JOURNAL_RECORD_OUTCOME_H
#define HAK_JOURNAL_RECORD_OUTCOME_H

#include "cli/tune/session.h"

#include <jansson.h>

/* "done", "interrupted", ... */
const char *record_status_name(enum session_status status);

json_t *record_outcome(const struct session_settings *settings, const struct session_outcome *outcome);

/* What was saved. Of each aim the path and the text of its profile, or NULL. */
struct record_files {
    const char *path[GOAL_AIMS];
    char *text[GOAL_AIMS]; /* owned by whoever filled this in */
    const char *stays;     /* the recommended profile that was there before; NULL: it was written */
};
json_t *record_saved(const struct session_settings *settings, const struct session_outcome *outcome,
                     const struct record_files *files);

#endif
