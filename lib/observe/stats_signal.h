/* SPDX-License-Identifier: MIT */
/* Statistics on demand: a signal's handler writes a record, whatever it interrupts: the program may hold any lock, or
 * sit in a system call for hours. So nothing is left for later, and what the handler calls takes no lock, allocates
 * nothing and needs little stack. Below: stats_request, base/report. */
#ifndef HAK_OBSERVE_STATS_SIGNAL_H
#define HAK_OBSERVE_STATS_SIGNAL_H

#include "lib/base/compiler.h"

#include <stdbool.h>

/* Has REPORT called at each signal that NAME names (stats_request_signal), until the program sets another handler.
 * False, and a line that says why, where that is not possible. Called once, before a second thread is there. */
COLD bool stats_signal_start(const char *name, void (*report)(void));

#endif
