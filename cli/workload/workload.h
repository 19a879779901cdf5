/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is run, and the words of its command line.
 *
 * No state; any thread may call anything. Below: cli/locate/bench. */
#ifndef HAK_WORKLOAD_WORKLOAD_H
#define HAK_WORKLOAD_WORKLOAD_H

#include <stdint.h>

/* Either a workload of hakmem-bench, or a command of the user's. */
struct workload {
    const char *workload; /* hakmem-bench's name ("ws8192"), or NULL for a command */
    uint64_t operations;  /* of the workload for each thread; 0: the workload's own default */
    double share;         /* of that default, where `operations` is 0; 0: all of it */
    unsigned threads;     /* of the workload; 0: its own default */
    char *const *command; /* NULL-terminated argv when workload is NULL */
};

#define WORKLOAD_COMMAND_MAX_WORDS 10 /* hakmem-bench NAME, three options with their values, NULL */

/* The command line of one race. */
struct workload_command {
    char *bench;         /* path of hakmem-bench (owned), or NULL for a command */
    char numbers[4][24]; /* option values as text */
    /* hakmem-bench's argv; strings are of this struct and of the workload */
    char *words[WORKLOAD_COMMAND_MAX_WORDS];
    char *const *argv; /* what to execute: the words above, or the user's command */
};

/* Builds the command line of WORK. Returns 0, or -1 with errno: ENOENT when hakmem-bench is needed and not found,
 * EINVAL when WORK names nothing. Strings of WORK must outlive it. */
int workload_command_init(struct workload_command *command, const struct workload *work, uint64_t seed);

void workload_command_release(struct workload_command *command);

#endif
