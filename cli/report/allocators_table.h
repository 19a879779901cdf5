/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contenders against the first of them, within 80 columns: what the verdicts are about, time, memory and cost,
 * each with its interval. Pure but for
 * the stream; one thread. Below: cells, cli/compare, cli/output. */
#ifndef HAK_REPORT_ALLOCATORS_TABLE_H
#define HAK_REPORT_ALLOCATORS_TABLE_H

#include "cli/compare/comparison.h"
#include "cli/output/format.h"

#include <stdio.h>

/* The allocators of a selection, as text or Markdown. After significance_adjust. */
void allocators_table_print(FILE *stream, enum output_format format, const struct comparison *comparison);

/* What a server has beside its peak, where it was measured after it was left without work; else nothing. HEADING: of
 * the names. */
void allocators_table_print_idle(FILE *stream, enum output_format format, const struct comparison *comparison,
                                 const char *heading);

#endif
