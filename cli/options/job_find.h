/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which file a word means as a job. No state; any thread may call anything. Below: cli/locate/program. */
#ifndef HAK_OPTIONS_JOB_FIND_H
#define HAK_OPTIONS_JOB_FIND_H

#include <stdbool.h>
#include <stddef.h>

/* Whether WORD is a path of a job (it has a slash, or ends in .yaml or .yml) or the name of one that is installed. */
bool job_is_meant(const char *word);

/* The path that WORD means, malloc'd: WORD itself, or that of the installed job of this name. */
char *job_find(const char *word);

/* Calls TAKE with the name of each job that is installed, in the order of the alphabet. */
void job_each(void (*take)(void *context, const char *name), void *context);

/* Writes the name of the job at PATH, which is its file's up to the first dot. */
void job_name(const char *path, char *name, size_t size);

#endif
