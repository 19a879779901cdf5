/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came of a session. Below: ablation, prove. */
#ifndef HAK_TUNE_OUTCOME_H
#define HAK_TUNE_OUTCOME_H

#include "cli/tune/ablation.h"
#include "cli/tune/prove.h"
#include "cli/tune/remark.h"

#include <stdbool.h>
#include <stdint.h>

enum session_status {
    SESSION_DONE,         /* there is a verdict */
    SESSION_INTERRUPTED,  /* `best` is what there is */
    SESSION_WORK_FAILED,  /* the workload failed under the baseline, or under all others */
    SESSION_WORK_UNKNOWN, /* hakmem-bench refused the workload's name or options */
    SESSION_NO_METRIC,    /* the objective, or what is limited, is not known of a run */
    SESSION_TOO_SHORT,    /* the budget does not suffice for one candidate and its proof */
    SESSION_NOT_ENDED,    /* the default's first run did not end within its share of the budget */
    SESSION_FAILED        /* anything else */
};

struct session_outcome {
    enum session_status status;
    char message[768];       /* one line, unless DONE or INTERRUPTED */
    unsigned trials;         /* candidates measured */
    unsigned failed;         /* of them crashed, hung or failed */
    char first_failure[256]; /* why the first of them did; empty: none */
    double seconds;          /* that the session took, earlier parts included */
    /* Figures of one run of the work under the baseline, in the proof or else in the calibration. */
    struct metric_sample baseline;
    uint64_t baseline_operations; /* that this run did, for each thread; 0: the work is what it is */
    double run_seconds; /* of the clock, one run of work that cannot be scaled, from its start to its end; 0: it can */
    struct remarks remarks;
    bool has_best; /* best so far in the search; not proven */
    struct space_point best;
    struct statistics_mean best_score;
    struct ablation ablation[GOAL_AIMS]; /* of the best for each aim */
    struct proof proof;                  /* when DONE */
};

#endif
