/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session's figures hold for besides its options: the library and the program, by their contents, the settings
 * that are searched, the kernel, its settings for memory, and the limits of this process.
 *
 * The journal's header has it, and a session that is resumed must have the same. One thread. Below: cli/locate,
 * cli/machine/kernel_memory, cli/search_space, cli/workload. */
#ifndef HAK_JOURNAL_FINGERPRINT_H
#define HAK_JOURNAL_FINGERPRINT_H

#include "cli/search_space/space.h"
#include "cli/workload/workload.h"

#include <jansson.h>

/* {"library": "/usr/lib/libhakmem.so, 181000 bytes, 9c6b...", "program": ..., "kernel": ..., "huge_pages": ...,
 * "memory_limit": ..., ...}; the caller owns it. A program that is not found, or cannot be read, has its name alone;
 * LIBRARY may be NULL: nothing is preloaded. */
json_t *fingerprint_make(const char *library, const struct workload *work);

/* "41 settings, 9c6b...": by their keys, values and defaults. An allocator's file may have changed, or what of it suits
 * the machine. */
json_t *fingerprint_of_space(const struct space *space);

#endif
