/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocators against the first of them in one table of at most 80 columns: time, memory and cost, each with its
 * interval. Pure but for the stream; one thread. Below: cli/compare, cli/output. */
#ifndef HAK_REPORT_ALLOCATORS_TABLE_H
#define HAK_REPORT_ALLOCATORS_TABLE_H

#include "cli/compare/comparison.h"

#include <stdio.h>

/* After significance_adjust. */
void allocators_table_print(FILE *stream, const struct comparison *comparison);

#endif
