/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a good profile asks for in vain on a machine. Below this file: cli/machine/kernel_memory, lib/profile. */
#ifndef HAK_VERBS_PROFILE_WARNINGS_H
#define HAK_VERBS_PROFILE_WARNINGS_H

#include "cli/machine/kernel_memory.h"
#include "lib/profile/schema.h"

#include <stdio.h>

/* Prints a line "LABEL: warning: KEY: ..." for each value that will not have its effect under KERNEL. Returns how many.
 */
unsigned profile_warnings_print(FILE *stream, const char *label, const struct hak_profile *profile,
                                const struct kernel_memory *kernel);

#endif
