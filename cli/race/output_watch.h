/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's own metrics: numbers in what a program prints, line by line while it runs.
 *
 * What is collected of the output may be thrown away once it was read here. A line of more than OUTPUT_LONGEST_LINE
 * bytes is looked at in parts. One thread at a time. Below: cli/metric. */
#ifndef HAK_RACE_OUTPUT_WATCH_H
#define HAK_RACE_OUTPUT_WATCH_H

#include "cli/metric/metric.h"

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define OUTPUT_LONGEST_LINE 8191

/* The numbers of one metric. */
struct output_figure {
    regex_t expression;
    uint64_t count;
    double last, sum, most;
};

/* Zeroed: nothing is watched. */
struct output_watch {
    const struct metric_set *set;
    struct output_figure figure[METRIC_MOST_OWN];
    size_t figures; /* whose expressions are there */
    int shown_fd;   /* where everything is copied to; -1: nowhere */
    off_t read_to;
    char *line; /* malloc'd: what was read of one that has not ended yet */
    size_t length;
};

/* Watches for the metrics of SET (may be NULL), which must outlive it. Returns 0, or -1 with errno: EINVAL for a
 * pattern that is no extended regular expression, ENOMEM. */
int output_watch_init(struct output_watch *watch, const struct metric_set *set, int shown_fd);
void output_watch_release(struct output_watch *watch);

static inline bool output_watch_is_on(const struct output_watch *watch)
{
    return watch->figures > 0;
}

/* Reads what has been added to the file FD since the last time. */
void output_watch_read(struct output_watch *watch, int fd);

/* Nothing more will come: the last line may have no end. */
void output_watch_end(struct output_watch *watch);

/* The metric number I of the set; NAN: no line had it. */
double output_watch_value(const struct output_watch *watch, size_t i);

/* The number at the start of the LENGTH bytes of TEXT, after blanks: as strtod() reads it, or with commas between
 * thousands. False: there is none, or it may be either ("1,5"). */
bool output_read_number(const char *text, size_t length, double *number);

#endif
