/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of values as a row of small bars. A pure function; any thread may call it. Nothing is below. */
#ifndef HAK_OUTPUT_SPARKLINE_H
#define HAK_OUTPUT_SPARKLINE_H

#include <stdbool.h>
#include <stddef.h>

/* LOW is the lowest bar, HIGH the highest; values beyond are drawn as these. NAN: there is none, an 'x'. */
struct sparkline {
    const double *values;
    size_t count;
    double low, high;
};

/* Bytes of text that a line of COLUMNS takes, with its end. */
#define SPARKLINE_BYTES(columns) (3 * (columns) + 1)

/* Writes at most COLUMNS bars into TEXT, of SPARKLINE_BYTES(columns). Where there are more values, each bar is the
 * highest of equally many neighbours. UTF8: block characters; else ASCII. Returns TEXT. */
const char *sparkline_write(const struct sparkline *line, size_t columns, bool utf8, char *text);

#endif
