/* SPDX-License-Identifier: MIT */
/* What the kernel says is mapped (/proc/self/maps). Any thread, any signal handler. Below: base. */
#ifndef HAK_SAMPLE_MAPS_H
#define HAK_SAMPLE_MAPS_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Calls VISIT for each part of the text; false where it cannot be read. */
COLD bool maps_each_part(void (*visit)(const char *text, size_t length, void *context), void *context);

struct maps_code {
    uintptr_t start, end;
    uint64_t offset;  /* in the file */
    const char *path; /* of the file; valid for this call */
};

/* Calls VISIT for each part of a file that is mapped as code. */
COLD void maps_each_code(void (*visit)(const struct maps_code *code, void *context), void *context);

#endif
