/* SPDX-License-Identifier: MIT */
/* What the program holds still, by call stack, largest first. (It may have pointers to it: nobody looks for them.) Any
 * thread. Below: records, estimate, symbols. */
#ifndef HAK_SAMPLE_LEAKS_H
#define HAK_SAMPLE_LEAKS_H

#include "lib/base/compiler.h"

/* Writes the report to DESCRIPTOR, in short: the largest stacks, and the innermost frames of each. */
COLD void leaks_print(int descriptor);

/* Writes the whole report into the file NAME; 0, or why it is not there: an errno. */
COLD int leaks_write(const char *name, const char *pattern);

#endif
