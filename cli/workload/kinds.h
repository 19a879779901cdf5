/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kinds of work, for workload.c alone. Below: words, text, cli/locate/bench. */
#ifndef HAK_WORKLOAD_KINDS_H
#define HAK_WORKLOAD_KINDS_H

#include "cli/workload/workload.h"

extern const struct workload_kind workload_built_in;
extern const struct workload_kind workload_user_command;
extern const struct workload_kind workload_server;

#endif
