/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each change of a candidate brings, found by taking it back alone. Plain data. Below: cli/race, cli/search_space,
 * cli/statistics. */
#ifndef HAK_TUNE_ABLATION_H
#define HAK_TUNE_ABLATION_H

#include "cli/race/race.h"
#include "cli/search_space/space.h"
#include "cli/statistics/statistics.h"

#include <stdbool.h>
#include <stddef.h>

struct ablation_change {
    size_t dimension;            /* whose change was taken back */
    bool is_known;               /* it was taken back alone, and the candidate without it ran to its end */
    struct statistics_mean gain; /* of the change: log gain in the objective over the candidate without it, and its
                                    standard error; from a few races, corrected for nothing */
    size_t races;                /* that the candidate without it took part in */
};

struct ablation {
    struct space_point of;
    size_t count; /* 0: there was nothing to take back, or no time */
    struct ablation_change changes[RACE_MAX_CONTENDERS];
};

#endif
