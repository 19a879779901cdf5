/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run has for itself: a directory and a port.
 *
 * The directory is gone after the run, also when the tuner is killed. One thread. Below: reaper, cli/workload. */
#ifndef HAK_RACE_PLACE_H
#define HAK_RACE_PLACE_H

#include "cli/workload/workload.h"

#include <stdbool.h>

struct place {
    char *directory; /* malloc'd; NULL: none is needed */
    unsigned port;   /* nobody uses it at the moment; 0: none is needed */
};

/* Makes what WORK mentions. Returns 0, or -1 with errno. */
int place_init(struct place *place, const struct workload *work);
void place_release(struct place *place);

/* Whether somebody accepts connections at PORT of this machine. */
bool place_port_answers(unsigned port);

#endif
