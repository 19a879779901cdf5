/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine that figures are of: processors, caches and who shares them, TLB, memory. Below: page, cli/output. */
#ifndef HAK_HTML_MACHINE_PART_H
#define HAK_HTML_MACHINE_PART_H

#include <jansson.h>
#include <stdio.h>

/* TOPOLOGY as topology_json() has it; what it lacks, or lacks it all, is left out. */
void machine_part_write(FILE *stream, const json_t *topology);

#endif
