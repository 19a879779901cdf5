/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine for people. Below this file: machine. */
#ifndef HAK_VERBS_TOPOLOGY_TEXT_H
#define HAK_VERBS_TOPOLOGY_TEXT_H

#include "cli/machine/machine.h"

#include <stdio.h>

void topology_print(FILE *stream, const struct machine *machine);

#endif
