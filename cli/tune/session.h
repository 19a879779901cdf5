/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tuning session: measure the default, ask for candidates, race them, tell what they were worth, simplify the best,
 * prove it.
 *
 * One session at a time in a process, on one thread. What happens is told to the settings' listeners as it happens.
 * Below: outcome, settings, calibrate, search, simplify, prove. */
#ifndef HAK_TUNE_SESSION_H
#define HAK_TUNE_SESSION_H

#include "cli/tune/outcome.h"
#include "cli/tune/settings.h"

/* Runs a session to its end. OUTCOME needs no clearing. */
void session_run(const struct session_settings *settings, struct session_outcome *outcome);

#endif
