/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outcome of comparisons in every form. Below: compare_summary, cli/compare, cli/output. */
#ifndef HAK_REPORT_COMPARE_PRINT_H
#define HAK_REPORT_COMPARE_PRINT_H

#include "cli/compare/comparison.h"
#include "cli/output/format.h"

#include <stdio.h>

/* Text, JSON, Markdown or CSV. The p values have been adjusted. */
void compare_print(FILE *stream, enum output_format format, const struct comparison *comparisons, size_t count);

#endif
