/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what is to be done (struct trial_work) to the words of a command line; finds the hakmem-bench that belongs to
 * this program. */
#ifndef HAK_TRIAL_WORKLOAD_H
#define HAK_TRIAL_WORKLOAD_H

#include "cli/trial/trial.h"

#include <stddef.h>
#include <stdint.h>

#define WORKLOAD_MAX_WORDS 10 /* hakmem-bench NAME, three options with their values, NULL */

/* The command line of one race. */
struct workload {
    char *bench;                     /* path of hakmem-bench (owned), or NULL for a command */
    char numbers[4][24];             /* option values as text */
    char *words[WORKLOAD_MAX_WORDS]; /* hakmem-bench's argv; strings are of this struct and of the trial_work */
    char *const *argv;               /* what to execute: the words above, or the user's command */
};

/* Returns hakmem-bench's path (malloc'd) or NULL with errno ENOENT: $HAKMEM_BENCH if it is set, else beside the running
 * program or where the build tree has it, else in PATH. */
char *workload_find_bench(void);

/* Builds the command line of WORK. Returns 0, or -1 with errno: ENOENT when hakmem-bench is needed and not found,
 * EINVAL when WORK names nothing. Strings of WORK must outlive it. */
int workload_init(struct workload *workload, const struct trial_work *work, uint64_t seed);

void workload_release(struct workload *workload);

#endif
