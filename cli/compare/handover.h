/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contenders' profiles as files that every user can read, while a comparison lasts.
 *
 * Where another contender has a profile, the built-in default has a file as well: reading one costs time and memory,
 * and is no difference between profiles.
 * One thread. Below: contender, cli/output/scratch, cli/subject/hakmem, lib/profile. */
#ifndef HAK_COMPARE_HANDOVER_H
#define HAK_COMPARE_HANDOVER_H

#include "cli/compare/contender.h"
#include "cli/output/scratch.h"

#include <stdbool.h>
#include <stddef.h>

struct handover {
    struct scratch scratch;
    struct launch_environment *environments; /* of each contender: its profile; none: it has no profile */
    size_t count;
    bool to_all; /* the built-in default has one */
};

/* Writes the files of COUNT contenders. False with errno; handover_close all the same. */
bool handover_open(struct handover *handover, const struct contender *contenders, size_t count);

/* What CONTENDER, number INDEX, has in its environment: its profile, or its own settings. */
const struct launch_environment *handover_environment(const struct handover *handover,
                                                      const struct contender *contender, size_t index);

void handover_close(struct handover *handover);

#endif
