/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of a command before the first trial: that it is too short, that it waits, that it hardly allocates, that
 * its runs differ by more than what is looked for, and that it runs without the library; each with what to do.
 *
 * The judgements are made from figures alone. One thread. Below: state, call_count, alone. */
#ifndef HAK_TUNE_PREFLIGHT_H
#define HAK_TUNE_PREFLIGHT_H

#include "cli/tune/call_count.h"
#include "cli/tune/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One run of the command, alone. */
struct preflight_run {
    double active_s;
    double cpu_s; /* of all its processes */
    uint64_t peak_resident;
    struct call_count count;
};

/* Each fills in REMARK, which is to be made where it is so. */

/* A run is over before anything but its start counts. */
bool preflight_is_short(double seconds, struct remark *remark);

/* The command waits for something else than a processor for most of a run. */
bool preflight_waits(const struct preflight_run *run, struct remark *remark);

/* The command becomes the program at PATH, which does the work, after BESIDE seconds of a processor, a share of the
 * run that counts. */
bool preflight_is_wrapped(const struct preflight_run *run, const char *path, double beside, struct remark *remark);

/* No allocator can change the time or the memory of a run by what anybody cares for. */
bool preflight_hardly_allocates(const struct preflight_run *run, struct remark *remark);

/* COUNT pairs of runs, in which nothing differed, gave these log ratios of their times; PAIRS of them fit into the
 * proof: a gain that is worth while will not be told from such noise. */
bool preflight_is_noisy(const double *log_ratios, size_t count, double pairs, struct remark *remark);

/* What to do about an allocator_reason, as the end of a sentence; empty: nothing is known to help. */
const char *preflight_cure(int reason);

/* Of a session that calibrates, after the first run of the baseline, HEAT. *AGAIN: the contenders are to
 * run one by one now, so that a run has to be measured again. False: the session has ended. */
bool preflight_first_run(struct session *session, const struct heat *heat, bool *again);

/* After the calibration: runs the baseline against itself, as often as there is time for it. False: the session has
 * ended. */
bool preflight_pairs(struct session *session, double seconds);

/* Says that contenders run one by one because of what failed, once that is so. */
void preflight_tell_alone(struct session *session);

#endif
