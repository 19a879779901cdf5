/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells of the tables of contenders: short, so that a row of them fits into 80 columns. Pure functions; any thread.
 * Below: cli/compare. */
#ifndef HAK_REPORT_CELLS_H
#define HAK_REPORT_CELLS_H

#include "cli/compare/comparison.h"

#include <stdbool.h>
#include <stddef.h>

/* Room for a cell. */
#define CELL 48

/* The change of METRIC against the first contender with half of its interval: "+12.3% ±0.4", from tenfold on "12.3x
 * ±0.4". AS_SPEED: of time that of the speed. Returns TEXT. */
const char *cell_change(const struct comparison *comparison, size_t index, enum metric metric, bool as_speed,
                        char text[CELL]);

/* The first contender's own figure, of the others the change of it. */
const char *cell_figure(const struct comparison *comparison, size_t index, enum metric metric, char text[CELL]);

/* Shorter than verdict_text(). */
const char *cell_verdict(const struct comparison *comparison, size_t index);

/* Whether any contender has a figure of METRIC that is not 0. */
bool cell_is_known(const struct comparison *comparison, enum metric metric);

#endif
