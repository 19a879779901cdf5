/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run has for itself: a directory and a port, or all ports.
 *
 * The directory is gone after the run, also when the tuner is killed. One thread. Below: reaper, cli/workload. */
#ifndef HAK_RACE_PLACE_H
#define HAK_RACE_PLACE_H

#include "cli/workload/workload.h"

#include <stdbool.h>

struct place {
    char *directory; /* malloc'd; NULL: none is needed */
    unsigned port;   /* nobody uses it at the moment; 0: none is needed */
    int network_fd;  /* a network namespace that has a loopback alone; 0: this process's */
};

/* Makes what WORK mentions; and where it has a server with a port of its own choice, and others are up ALL_AT_ONCE, a
 * loopback of its own, if this process may. Returns 0, or -1 with errno. */
int place_init(struct place *place, const struct workload *work, bool all_at_once);
void place_release(struct place *place);

/* Whether somebody accepts connections at PORT of this machine, as the run sees it. */
bool place_port_answers(const struct place *place, unsigned port);

/* Whether somebody has PORT, who may be too busy to accept connections. */
bool place_port_is_taken(const struct place *place, unsigned port);

#endif
