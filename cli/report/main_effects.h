/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each setting did in the search: a model in which the gains of a setting's values add up, fitted to all
 * candidates.
 *
 * The search tries a value together with others, and those of the best more often than the rest. So the mean of all
 * that had a value would credit it with what its companions brought; the model shares the gain out among them. It
 * claims nothing: what is claimed is proved on unseen seeds. Pure; any thread. Below: cli/journal/session_record. */
#ifndef HAK_REPORT_MAIN_EFFECTS_H
#define HAK_REPORT_MAIN_EFFECTS_H

#include "cli/journal/session_record.h"

#include <stddef.h>

struct main_effect {
    size_t dimension;
    double share; /* of what the model explains of the differences, 0 to 1 */
    struct {
        size_t candidates;           /* that had the value */
        struct statistics_mean gain; /* log gain over the default value; 0 of the default; error INFINITY: not tried */
    } level[SPACE_MAX_LEVELS];
};

/* Fills in EFFECTS, one for each dimension of RECORD's space, on METRIC: the one that explains the most first. Returns
 * how many candidates there were. */
size_t main_effects_find(const struct session_record *record, enum metric metric, struct main_effect *effects);

#endif
