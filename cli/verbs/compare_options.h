/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of hakmem-tune compare. Below this file: options, cli/locate/library, cli/compare/contender,
 * bench_tool. */
#ifndef HAK_VERBS_COMPARE_OPTIONS_H
#define HAK_VERBS_COMPARE_OPTIONS_H

#include "cli/compare/comparison.h"
#include "cli/output/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COMPARE_MOST_OUTPUTS 8

/* A file that the result is written to as well, in a form that its name's ending says. */
struct compare_output {
    const char *path; /* part of argv */
    enum output_format format;
};

struct compare_options {
    struct contender contenders[RACE_MAX_CONTENDERS]; /* owned */
    size_t contender_count;
    char *workload_text;   /* owned: what `workloads` points into */
    char **workloads;      /* owned array */
    size_t workload_count; /* 0 with a command */
    char *const *command;  /* part of argv, or NULL */
    enum race_interleave interleave;
    enum comparison_metric metric;
    enum output_format format;
    struct compare_output outputs[COMPARE_MOST_OUTPUTS];
    size_t output_count;
    double budget_s; /* for each workload; 0: `rounds` decides */
    unsigned rounds; /* 0: the budget decides */
    uint64_t seed, operations;
    unsigned threads;
    bool quiet;
};

/* Fills in OPTIONS from the verb's part of the command line. Returns 0, or the exit status after one line was printed.
 */
int compare_options_parse(struct compare_options *options, int argc, char **argv);

/* Gives back what is owned, after a failed parse too. */
void compare_options_clear(struct compare_options *options);

#endif
