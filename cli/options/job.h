/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Job files: what a command line says, in YAML, for a program's repository.
 *
 * Each key is an option's name, as the table has it, and its value is what stands on the command line. Besides there
 * are `command`, what follows --, as a text that is split into words or as a list of words; `verb`, where it is not
 * tune; and compare's `contenders`. A list is for an option that may be repeated, or whose value has commas; a mapping
 * for one whose value is NAME=VALUE. Paths are from the job's own directory, and its commands work there.
 *
 * Main thread. Below: table, values, usage, job_find, similar, cli/yaml/tree, cli/workload/words. */
#ifndef HAK_OPTIONS_JOB_H
#define HAK_OPTIONS_JOB_H

#include "cli/options/options.h"

#include <stdbool.h>

/* Fills in OPTIONS with VERB's defaults and the job that WORD means. A job of another verb says what is run and how;
 * its goal, its budget and what it writes do not count; it is refused where the verb IS_GUESSED. Returns 0; or 2 after
 * a line on stderr that names the file, line and column, and what is expected. Either way job_free takes the file of
 * OPTIONS. */
int job_read(enum verb verb, bool is_guessed, const char *word, struct options *options);

/* The verb that the job which WORD means is for: tune, unless it is a regular file that says another one. What is wrong
 * with it job_read says. */
enum verb job_verb(const char *word);

/* Frees what the strings of the options of FILE, which may be NULL, are in. */
void job_free(struct job_file *file);

#endif
