/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session's figures hold for besides its options: the library and the program, by their contents, the kernel,
 * its settings for memory, and the limits of this process.
 *
 * The journal's header has it, and a session that is resumed must have the same. One thread. Below: cli/locate,
 * cli/machine/kernel_memory, cli/workload. */
#ifndef HAK_JOURNAL_FINGERPRINT_H
#define HAK_JOURNAL_FINGERPRINT_H

#include "cli/workload/workload.h"

#include <jansson.h>

/* {"library": "/usr/lib/libhakmem.so, 181000 bytes, 9c6b...", "program": ..., "kernel": ..., "huge_pages": ...,
 * "memory_limit": ..., ...}; the caller owns it. A program that is not found, or cannot be read, has its name alone;
 * LIBRARY may be NULL: nothing is preloaded. */
json_t *fingerprint_make(const char *library, const struct workload *work);

#endif
