/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compare --fail-if-worse: the exit status that stops a build, and the lines that say why. Main thread. Below:
 * cli/compare, cli/options. */
#ifndef HAK_VERBS_COMPARE_GATE_H
#define HAK_VERBS_COMPARE_GATE_H

#include "cli/compare/comparison.h"
#include "cli/options/options.h"

/* Returns 4 where a contender is proven worse than --fail-if-worse allows, else 0, also where the option is not given;
 * writes a line to stderr for each that is, or of which it could not be told. After significance_adjust. */
int compare_gate(const struct options *options, const struct comparison *comparisons, size_t count);

#endif
