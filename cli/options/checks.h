/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values that have a grammar of their own, for table.c's rows: NULL, or what is expected instead of TEXT.
 *
 * Pure functions; any thread may call them. Below: cli/workload/parse. */
#ifndef HAK_OPTIONS_CHECKS_H
#define HAK_OPTIONS_CHECKS_H

const char *check_command_line(const char *text);
const char *check_assignment(const char *text);
const char *check_statuses(const char *text);
const char *check_ready(const char *text);
const char *check_signal(const char *text);

#endif
