/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a server says that it is ready: a port that answers, or a line that it writes. One thread. Below: place,
 * cli/workload. */
#ifndef HAK_RACE_READY_H
#define HAK_RACE_READY_H

#include "cli/race/place.h"
#include "cli/workload/workload.h"

#include <regex.h>
#include <stdbool.h>
#include <sys/types.h>

struct ready {
    const struct workload_ready *condition;
    const struct place *place;
    unsigned port;      /* TCP */
    int output_fd;      /* LOG: the memory file that collects what the server writes */
    off_t read_to;      /* LOG: lines before have been looked at */
    regex_t expression; /* LOG */
    bool has_expression;
};

/* Watches for CONDITION in PLACE, which must outlive it; output_fd is to be set. Returns 0, or -1 with errno. */
int ready_init(struct ready *ready, const struct workload_ready *condition, const struct place *place);
void ready_release(struct ready *ready);

/* Looks, without waiting for long. Not for EXEC. */
bool ready_is(struct ready *ready);

#endif
