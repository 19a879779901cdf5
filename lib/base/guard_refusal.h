/* SPDX-License-Identifier: MIT */
/* Guard pages that the kernel refuses: how many there were, and what is said of the first. Any thread may call it.
 * Below: report. */
#ifndef HAK_BASE_GUARD_REFUSAL_H
#define HAK_BASE_GUARD_REFUSAL_H

#include "lib/base/compiler.h"

#include <stdint.h>

/* One for each time that memory was handed out, or kept, without a guard. Relaxed: nothing hangs on it. */
extern HIDDEN _Atomic uint64_t guard_refusals;

/* Counts one more. */
COLD void guard_refusal_note(void);

#endif
