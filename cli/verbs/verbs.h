/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of hakmem-tune but tune itself. Each takes its options and returns the program's exit status. Each runs on
 * the main thread, once. */
#ifndef HAK_VERBS_VERBS_H
#define HAK_VERBS_VERBS_H

#include "cli/options/options.h"

int verb_check(const struct options *options); /* are profiles good, and good for this machine? */
int verb_compare(
    const struct options *options); /* which allocator or profile is faster or smaller, and how sure is that? */
int verb_inspect(const struct options *options);   /* the heap of a process that runs */
int verb_params(const struct options *options);    /* the table of parameters */
int verb_report(const struct options *options);    /* what sessions found, from their journals */
int verb_symbolize(const struct options *options); /* functions and lines for the stacks of a report */
int verb_topology(const struct options *options);  /* the machine */
int verb_workloads(const struct options *options); /* what can be measured */

/* --print-job of VERB, which is tune or compare. */
int verb_print_job(enum verb verb, const struct options *options);

#endif
