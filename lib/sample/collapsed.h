/* SPDX-License-Identifier: MIT */
/* Collapsed stacks, as programs that draw flame graphs read them: "main;work;make 524288", the outermost function
 * first, and the estimate of bytes. Any thread, any signal handler. Below: records, estimate, symbols. */
#ifndef HAK_SAMPLE_COLLAPSED_H
#define HAK_SAMPLE_COLLAPSED_H

#include "lib/base/compiler.h"

#include <stdbool.h>

struct record_file;

/* Writes the bytes that live, or, with ALLOCATED, those that were allocated since the start of the profile. */
COLD void collapsed_write(struct record_file *file, bool allocated);

#endif
