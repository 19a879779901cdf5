/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A job while it is read, and its file, which its options' strings are in. Main thread. Below: options, cli/yaml/tree,
 * cli/workload/words. */
#ifndef HAK_OPTIONS_JOB_FILE_H
#define HAK_OPTIONS_JOB_FILE_H

#include "cli/options/options.h"
#include "cli/workload/words.h"
#include "cli/yaml/tree.h"

struct job_file {
    struct yaml_tree tree;
    const char *directory; /* where paths begin, without a slash at its end; NULL: the current one */
    struct words command;
    char **arguments;
    char **texts; /* made for it, each owned */
    size_t text_count;
};

struct job {
    enum verb verb;  /* of the command line */
    bool is_guessed; /* the line says none */
    enum verb own;   /* that the job is for */
    struct job_file *file;
    struct options options; /* of its own verb */
};

#endif
