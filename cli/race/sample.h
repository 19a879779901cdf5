/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what was seen of a contender, and what its processes said at their end, to its figures. One thread. Below:
 * runner. */
#ifndef HAK_RACE_SAMPLE_H
#define HAK_RACE_SAMPLE_H

struct runner;

/* Fills the figures of RUNNER's result, all of whose processes have ended. */
void sample_fill(struct runner *runner);

#endif
