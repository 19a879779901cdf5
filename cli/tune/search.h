/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search: rounds of new candidates against the best so far, then the best against each other. One thread. Below:
 * state. */
#ifndef HAK_TUNE_SEARCH_H
#define HAK_TUNE_SEARCH_H

#include "cli/tune/state.h"

/* Searches until its share of the budget, or the number of trials, is used up. False: the session has ended. */
bool search(struct session *session);

#endif
