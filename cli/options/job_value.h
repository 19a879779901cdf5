/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of a job file. Main thread. Below: job_file, table, values, usage. */
#ifndef HAK_OPTIONS_JOB_VALUE_H
#define HAK_OPTIONS_JOB_VALUE_H

#include "cli/options/job_file.h"
#include "cli/options/table.h"

/* Each stores what NODE says in the job's options. Returns 0, or 2 after a line on stderr. */
int job_take_option(struct job *job, const struct option_row *row, const struct yaml_node *node);
int job_take_command(struct job *job, const struct yaml_node *node);
int job_take_arguments(struct job *job, const struct yaml_node *node);

/* Hands TEXT, which is malloc'd, to FILE; returns it. */
const char *job_keep(struct job_file *file, char *text);

/* The line about NODE, or about its key. Both return 2. */
int job_key_error(const struct job *job, const struct yaml_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int job_error(const struct job *job, const struct yaml_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
