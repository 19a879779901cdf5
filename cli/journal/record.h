/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session in the journal: what its lines look like, and how they become candidates again.
 *
 *   {"type": "header", "format": 2, "version", "started", "machine", "allocator", "space", "workload" | "command",
 * "operations", "threads", "interleave", "objective", "limits": {"time": 5}, "own_metrics", "core_worth_bytes",
 * "strategy", "seed", and what fingerprint.h has, "budget_seconds" | "trials"}
 *   {"type": "trial", "trial": 7, "profile": {"pages.huge": "madvise"}, "status": "ok", "run_seed", "operations",
 * "gains": {"time": 0.02, "peak_memory": -0.1}, "time_error", "own": {"time": 0.48, ...}, "baseline": {...},
 * "elapsed_seconds"}    one for each run of a candidate
 *   {"type": "trial", "trial": 8, "profile": {...}, "status": "failed", "reason": "..."}
 *   {"type": "proof", "pair": 1, "run_seed", "baseline": {...}, "finalists": [{"trial", "gains": {...}}],
 * "elapsed_seconds"}
 *   {"type": "ablation", "aim": "recommended", "profile": {...}, "changes": [{"key", "gain", "error"}],
 * "elapsed_seconds"}    what each change brings in the objective
 *   {"type": "verdict", ...}      as --format json prints it
 *
 * Figures are by metric, those alone that are known. A gain is the natural logarithm of how many times better the
 * candidate is than the baseline. A "profile" holds what differs from the default. Below: settings, racing, jansson. */
#ifndef HAK_JOURNAL_RECORD_H
#define HAK_JOURNAL_RECORD_H

#include "cli/tune/ablation.h"
#include "cli/tune/racing.h"
#include "cli/tune/settings.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* FINGERPRINT: of fingerprint_make; may be NULL. */
json_t *record_header(const struct session_settings *settings, const json_t *fingerprint);
/* The latest run of CANDIDATE, which took part in HEAT; or that it is eliminated. */
json_t *record_trial(const struct session_settings *settings, const struct candidate *candidate,
                     const struct heat *heat, double elapsed);
json_t *record_pair(const struct session_settings *settings, size_t pair, const struct heat *heat, double elapsed);
json_t *record_ablation(const struct session_settings *settings, enum goal_aim aim, const struct ablation *ablation,
                        double elapsed);
/* {"time": 0.48, "peak_memory": 33554432}: what is known. */
json_t *record_sample(const struct metric_set *set, const struct metric_sample *sample);
/* {"time": 5, "peak_memory": null}: null lifts the limit. */
json_t *record_limits(const struct goal *goal);
/* {"pages.huge": "madvise"}: what POINT has other than the default. */
json_t *record_point(const struct space *space, const struct space_point *point);

/* Whether the journal that starts with HEADER belongs to a session with these SETTINGS and FINGERPRINT. False: MESSAGE
 * names the first difference. */
bool record_same_session(const json_t *header, const struct session_settings *settings, const json_t *fingerprint,
                         char *message, size_t size);

/* Whether LINES end with a verdict. */
bool record_is_finished(const json_t *lines);

/* What LINES amount to (the header is skipped), for a session that goes on; session_past_clear() afterwards. Lines of a
 * later version or of unknown type are left out. */
void record_restore(const struct session_settings *settings, const json_t *lines, struct session_past *past);

#endif
