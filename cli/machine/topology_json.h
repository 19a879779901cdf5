/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine for programs. Below this file: machine, counters, jansson. */
#ifndef HAK_MACHINE_TOPOLOGY_JSON_H
#define HAK_MACHINE_TOPOLOGY_JSON_H

#include "cli/machine/machine.h"

#include <jansson.h>

/* A new object; sizes are bytes, what is not known is null. The caller releases it. */
json_t *topology_json(const struct machine *machine);

/* The same of this machine, read now; null where it cannot be. */
json_t *topology_json_here(void);

#endif
