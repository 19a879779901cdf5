/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A selection among allocators in every form: the race of all, what is recommended, what to set for it, and what tuning
 * each came to. Pure but for the streams; one thread. Below: selection_words, allocators_table, what_to_set,
 * compare_data. */
#ifndef HAK_REPORT_SELECTION_REPORT_H
#define HAK_REPORT_SELECTION_REPORT_H

#include "cli/output/format.h"
#include "cli/report/selection_words.h"

#include <jansson.h>
#include <stdio.h>

/* EXPLAIN: also what each change of the recommended one brings, where it is tuned; in JSON always. */
void selection_report_write(FILE *stream, enum output_format format, const struct selection_view *view, bool explain);

/* What is recommended, and what to set for it, as text. */
void selection_report_advise(FILE *stream, const struct selection_view *view);

/* All of it for programs. Caller owns it. */
json_t *selection_report_json(const struct selection_view *view);

#endif
