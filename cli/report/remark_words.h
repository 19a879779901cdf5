/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of the work as such in words: remarks, with what to do, how long a run takes, and its peak of memory.
 * Pure; any thread. Below: cli/tune/remark, cli/metric. */
#ifndef HAK_REPORT_REMARK_WORDS_H
#define HAK_REPORT_REMARK_WORDS_H

#include "cli/metric/metric.h"
#include "cli/tune/remark.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line. Returns TEXT. */
const char *remark_describe(const struct remark *remark, char *text, size_t size);

/* As an array of objects with kind and text. */
json_t *remarks_json(const struct remarks *remarks);

/* Whether contenders of this work had to run one by one. */
bool remarks_one_by_one(const struct remarks *remarks);

/* "0.156 s for a run", or "0.156 s for a run of 1.2 million operations" where the tuner chose how many. Returns TEXT.
 */
const char *remark_run(double seconds, uint64_t operations, char *text, size_t size);

/* "31.5 MiB at its peak", or that it is not known. Returns TEXT. */
const char *remark_peak(const struct metric_sample *sample, char *text, size_t size);

#endif
