/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the options of hakmem-tune compare amount to. Below this file: cli/options, cli/compare/contender, cli/locate.
 */
#ifndef HAK_VERBS_COMPARE_OPTIONS_H
#define HAK_VERBS_COMPARE_OPTIONS_H

#include "cli/compare/comparison.h"
#include "cli/metric/goal.h"
#include "cli/options/options.h"
#include "cli/output/format.h"

#include <stddef.h>

/* A file that the result is written to as well, in a form that its name's ending says. */
struct compare_output {
    const char *path; /* of argv */
    enum output_format format;
};

struct compare_options {
    struct contender contenders[RACE_MAX_CONTENDERS]; /* owned */
    size_t contender_count;
    char *workload_text;   /* owned: what `workloads` points into */
    char **workloads;      /* owned array */
    size_t workload_count; /* 0 with a command or a server */
    char name[128];        /* of the command or the server */
    struct goal goal;
    struct workload work; /* its workload is that of each comparison */
    struct compare_output outputs[OPTION_LIST_MOST];
    size_t output_count;
    double budget_s; /* for each workload; 0: `rounds` decides */
    const struct options *given;
};

/* Fills in COMPARE from OPTIONS, which must outlive it. Returns 0, or the exit status after one line was printed. */
int compare_options_apply(const struct options *options, struct compare_options *compare);

/* Gives back what is owned, after a failure too. */
void compare_options_clear(struct compare_options *compare);

#endif
