/* SPDX-License-Identifier: MIT */
/* Who has the heap profile on, and when it is written: by the environment, by signals, at the end of the process, and
 * by the public functions.
 *
 *   HAKMEM_PROFILE_HEAP=FILE       on from the start; FILE (a pattern: base/record_file.h) is written at the end
 *   HAKMEM_PROFILE_HEAP_SIGNAL=S   FILE is written when signal S comes
 *   HAKMEM_PROFILE_HEAP_TOGGLE=S   off at first; each signal S has it on or off
 *   HAKMEM_LEAKS=1 or FILE         on from the start; what is live at the end is reported to standard error or to FILE
 *
 * Below: sample, dump, leaks. */
#ifndef HAK_SAMPLE_CONTROL_H
#define HAK_SAMPLE_CONTROL_H

#include "lib/base/compiler.h"

/* Writes what is due at the end of the process. The C library calls it, if it is linked. */
COLD void heap_profile_at_exit(void);

#endif
