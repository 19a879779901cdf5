/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contenders' profiles as files that every user can read, while a comparison lasts.
 *
 * Where another contender has a profile, the built-in default has a file as well: reading one costs time and memory,
 * and is no difference between profiles.
 * One thread. Below: contender, cli/output/scratch, lib/profile. */
#ifndef HAK_COMPARE_HANDOVER_H
#define HAK_COMPARE_HANDOVER_H

#include "cli/compare/contender.h"
#include "cli/output/scratch.h"

#include <stdbool.h>
#include <stddef.h>

struct handover {
    struct scratch scratch;
    char **paths; /* of each contender; NULL: it has no profile */
    size_t count;
    bool to_all; /* the built-in default has one */
};

/* Writes the files of COUNT contenders. False with errno; handover_close all the same. */
bool handover_open(struct handover *handover, const struct contender *contenders, size_t count);

void handover_close(struct handover *handover);

#endif
