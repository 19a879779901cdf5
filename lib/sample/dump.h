/* SPDX-License-Identifier: MIT */
/* Writes what the heap profile knows into a file: in the text form that google-pprof, pprof and jeprof read, or as
 * collapsed stacks. A signal handler may do so at any time; what others count meanwhile is in it or not.
 *
 * The text form has the samples as they are. "heap_v2" and the interval tell the tools how they were taken, and the
 * tools estimate from each line by itself, so a line has blocks of one size alone. Behind the lines is what is mapped,
 * from which the tools find the functions.
 *
 * Below: records, estimate, symbols, maps, base/record_file. */
#ifndef HAK_SAMPLE_DUMP_H
#define HAK_SAMPLE_DUMP_H

#include "lib/base/compiler.h"

#include <stdbool.h>

/* Writes the file NAME, as collapsed stacks where the end of PATTERN says so; 0, or why it is not there: an errno. One
 * at a time: another one meanwhile gets EBUSY. */
COLD int dump_write(const char *name, const char *pattern);

#endif
