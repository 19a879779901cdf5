/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparisons as parts of a page: who is better and how sure that is, first; then each piece of work with its intervals
 * as a table and as a chart of dots and whiskers. The p values have been adjusted. Below: page, cli/compare. */
#ifndef HAK_HTML_COMPARE_PART_H
#define HAK_HTML_COMPARE_PART_H

#include "cli/compare/comparison.h"

#include <jansson.h>
#include <stdio.h>

/* ADVICE: what to set for the best; empty: nothing. */
void compare_part_write(FILE *stream, const struct comparison *comparisons, size_t count, const char *advice,
                        const char *prefix);

/* What the charts show. Caller owns it. */
json_t *compare_data(const struct comparison *comparisons, size_t count);

/* A page of its own, with the machine: TOPOLOGY as machine_part.h takes it, borrowed. */
void compare_page_write(FILE *stream, const struct comparison *comparisons, size_t count, const char *advice,
                        const json_t *topology);

#endif
