/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session in the journal: what its lines look like.
 *
 *   {"type": "header", ...}       record_header.h
 *   {"type": "stage", "stage": "search", "elapsed_seconds"}    a part of the session began; each session, and each that
 * is resumed, begins with "calibration"
 *   {"type": "calibration", "blocks", "operations", "baseline": {"time": 0.48, ...}, "elapsed_seconds"}
 *   {"type": "remark", "kind": "short", "text", ..., "elapsed_seconds"}
 *   {"type": "trial", "trial": 7, "profile": {"pages.huge": "madvise"}, "status": "ok", "run_seed", "operations",
 * "gains": {"time": 0.02, "peak_memory": -0.1}, "time_error", "own": {"time": 0.48, ...}, "baseline": {...},
 * "elapsed_seconds"}    one for each run of a candidate
 *   {"type": "trial", "trial": 8, "profile": {...}, "status": "failed", "reason": "..."}
 *   {"type": "ablation", "aim": "recommended", "profile": {...}, "changes": [{"key", "gain", "error", "races"}],
 * "elapsed_seconds"}    what each change brings in the objective
 *   {"type": "finalists", "operations", "finalists": [{"trial", "profile", "aims": ["recommended"]}]}
 *   {"type": "proof", "pair": 1, "run_seed", "baseline": {...}, "finalists": [{"finalist": 0, "trial", "gains":
 * {...}}], "turns": [[0.01, 0.008, ...], ...], "elapsed_seconds"}    "turns", in the first pairs alone: of the baseline
 * and of each of the finalists when its turns began and how long they took, in turn, seconds
 *   {"type": "outcome", ...}, {"type": "saved", ...}      record_outcome.h
 *   {"type": "verdict", ...}      as --format json prints it
 *
 * Figures are by metric, those alone that are known. A gain is the natural logarithm of how many times better the
 * candidate is than the baseline. A "profile" holds what differs from the default. Each function makes a new object.
 * Below: cli/tune, jansson. */
#ifndef HAK_JOURNAL_RECORD_H
#define HAK_JOURNAL_RECORD_H

#include "cli/tune/events.h"
#include "cli/tune/settings.h"

#include <jansson.h>
#include <stddef.h>

/* --- lines -------------------------------------------------------------------------------------------------------- */

json_t *record_stage(const struct tune_event *event);
/* The first run, or runs, of the baseline. */
json_t *record_calibration(const struct tune_event *event);
json_t *record_remark(const struct tune_event *event);
/* The latest run of the event's candidate, or that it is eliminated. */
json_t *record_trial(const struct tune_event *event);
json_t *record_ablation(const struct tune_event *event);
/* What the proof is about: before its first pair. */
json_t *record_finalists(const struct tune_event *event);
json_t *record_pair(const struct tune_event *event);

/* --- parts of lines ----------------------------------------------------------------------------------------------- */

/* {"time": 0.48, "peak_memory": 33554432}: what is known. */
json_t *record_sample(const struct metric_set *set, const struct metric_sample *sample);
/* {"time": 5, "peak_memory": null}: null lifts the limit. */
json_t *record_limits(const struct goal *goal);
/* {"pages.huge": "madvise"}: what POINT has other than the default. */
json_t *record_point(const struct space *space, const struct space_point *point);
/* A remark's figures, without words. */
json_t *record_remark_figures(const struct remark *remark);

/* Room for a metric as a key; the user's own names are shorter. */
#define RECORD_KEY 64

/* "peak_memory": the name of METRIC as a key. Returns KEY. */
const char *record_key(const struct metric_set *set, enum metric metric, char *key, size_t size);

/* "calibration", "search"; "noisy" */
const char *record_stage_name(enum tune_stage stage);
const char *record_remark_name(enum remark_kind kind);

#endif
