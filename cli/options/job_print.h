/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The job file that options amount to. Main thread. Below: table, values, cli/yaml/scalar. */
#ifndef HAK_OPTIONS_JOB_PRINT_H
#define HAK_OPTIONS_JOB_PRINT_H

#include "cli/options/options.h"

#include <stdio.h>

/* Writes the job that is OPTIONS of VERB for a file in the current directory: what differs from the defaults. Returns
 * 0; or 1 after a line on stderr that names what no YAML file can say. */
int job_print(FILE *stream, enum verb verb, const struct options *options);

#endif
