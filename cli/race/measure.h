/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the contenders of a race took for the same work: their results' blocks. One thread, after all have ended. Below:
 * runner, blocks. */
#ifndef HAK_RACE_MEASURE_H
#define HAK_RACE_MEASURE_H

#include "cli/race/runner.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes the blocks of all COUNT results: from the progress pages where the contenders published IN_SLICES of SLICE_NS
 * and the pages are of use, else one for each that did all of its work. Returns 0, or -1 with errno. */
int measure_blocks(struct runner *runners, size_t count, bool in_slices, uint64_t slice_ns);

#endif
