/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of a workload as people write them.
 *
 * No state; any thread may call anything. All return NULL, or what was expected instead of the text, for an error's
 * line. Below: workload. */
#ifndef HAK_WORKLOAD_PARSE_H
#define HAK_WORKLOAD_PARSE_H

#include "cli/workload/workload.h"

/* "tcp:6379", "tcp:{port}", "exec:redis-cli ping", "log:Ready to accept" */
const char *parse_ready(const char *text, struct workload_ready *ready);

/* "TERM", "SIGTERM" or "15" */
const char *parse_signal(const char *text, int *signal_number);

/* "1,3": exit statuses from 0 to 255 */
const char *parse_statuses(const char *text, struct workload_statuses *statuses);

/* "NAME=VALUE", into the next free of the work's assignments. */
const char *parse_assignment(const char *text, struct workload *work);

#endif
