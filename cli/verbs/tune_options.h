/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of hakmem-tune tune. Below: options, cli/tune/settings. */
#ifndef HAK_VERBS_TUNE_OPTIONS_H
#define HAK_VERBS_TUNE_OPTIONS_H

#include "cli/tune/settings.h"

#include <stdbool.h>

struct tune_options {
    struct goal goal;
    struct workload work;
    enum race_interleave interleave;
    const char *strategy;
    uint64_t seed;
    double budget;       /* seconds; INFINITY with --trials */
    unsigned trials;     /* 0: the budget counts */
    const char *output;  /* NULL: to be made from the work's name */
    const char *journal; /* NULL: to be made from the output's name */
    const char *library; /* NULL: to be found */
    bool resume, json, quiet;
};

/* Fills in OPTIONS, whose strings are ARGV's. Returns 0; or 2 after a line on stderr that names what is wrong. */
int tune_options_parse(int argc, char **argv, struct tune_options *options);

#endif
