/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparisons for programs: all that was measured. Pure but for the stream; one thread. Below: compare_summary,
 * cli/compare, jansson. */
#ifndef HAK_REPORT_COMPARE_DATA_H
#define HAK_REPORT_COMPARE_DATA_H

#include "cli/compare/comparison.h"

#include <stdio.h>

/* A row for each contender of each comparison; the metrics that are known have columns of their own at the end. */
void compare_data_csv(FILE *stream, const struct comparison *comparisons, size_t count);

void compare_data_json(FILE *stream, const struct comparison *comparisons, size_t count);

#endif
