/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparisons for programs: all that was measured. Pure but for the stream; one thread. Below: compare_summary,
 * cli/compare, jansson. */
#ifndef HAK_REPORT_COMPARE_DATA_H
#define HAK_REPORT_COMPARE_DATA_H

#include "cli/compare/comparison.h"

#include <jansson.h>
#include <stdio.h>

/* Columns of the caller's, which come last. */
struct compare_data_more {
    const char *const *columns; /* NULL at the end; at most COMPARE_DATA_MOST_MORE */
    const char *(*cell)(void *context, size_t contender, size_t column);
    void *context;
};
#define COMPARE_DATA_MOST_MORE 4

/* A row for each contender of each comparison; the metrics that are known have columns of their own at the end. MORE:
 * others after them; may be NULL. */
void compare_data_csv(FILE *stream, const struct comparison *comparisons, size_t count,
                      const struct compare_data_more *more);

void compare_data_json(FILE *stream, const struct comparison *comparisons, size_t count);

/* What that writes. Caller owns it. */
json_t *compare_data_object(const struct comparison *comparisons, size_t count);

#endif
