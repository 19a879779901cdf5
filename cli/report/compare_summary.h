/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a comparison of many comes to, on one screen: the baseline against the best and the leanest of the others on
 * each piece of work, and means over all of them. Below: cli/compare, cli/output. */
#ifndef HAK_REPORT_COMPARE_SUMMARY_H
#define HAK_REPORT_COMPARE_SUMMARY_H

#include "cli/compare/comparison.h"
#include "cli/output/format.h"
#include "cli/output/json.h"

#include <stdio.h>

/* As text or Markdown: the table of the best others where there are several, the means where there are several pieces
 * of work. */
void compare_summary_print(FILE *stream, enum output_format format, const struct comparison *comparisons, size_t count);

/* As JSON. The first two are null where no other contender was measured. */
json_t *compare_summary_best(const struct comparison *comparison);
json_t *compare_summary_leanest(const struct comparison *comparison);
json_t *compare_summary_means(const struct comparison *comparisons, size_t count);

#endif
