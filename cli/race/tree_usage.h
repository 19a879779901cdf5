/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the processes of a tree that still runs have used so far, so that a part of its life can be told from the rest.
 *
 * Processor time is exact for threads that are there, and to the clock's ticks for those that have ended and for
 * children that were waited for; switches of those are not known. One thread at a time. Below: process_tree and /proc.
 */
#ifndef HAK_RACE_TREE_USAGE_H
#define HAK_RACE_TREE_USAGE_H

#include "cli/race/process_tree.h"

/* Of TREE's members at its last refresh, and of the orphans that were waited for. */
struct process_usage tree_usage_now(const struct process_tree *tree);

/* What was used from BEFORE to NOW. */
struct process_usage tree_usage_between(const struct process_usage *before, const struct process_usage *now);

#endif
