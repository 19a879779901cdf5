/* SPDX-License-Identifier: MIT */
/* Faults in the pages of guarded blocks: a handler of SIGSEGV reports them, and then leaves the signal to who
 * handled it before, so that the program ends, or goes on, as it would have: a default action is put back and the
 * instruction runs into its fault again (a core dump shows it), a handler of the program is called with what the kernel
 * has said, in the way in which the kernel would have called it.
 *
 * A program may set its handler at any time, and then has the signal for itself: so the library looks again and again
 * who has it (fault_watch), and goes before a new handler. Each time it does so by another function of its own, which
 * knows what it stands before: a program that has kept an older one as what was before its own handler, and calls that
 * or puts it back, comes to what was before that one, and to no circle. There are FAULT_TURNS of these; then the
 * program's handlers stay alone, and faults are not reported any more.
 *
 * A program that asks for its handler finds the library's. Any thread. Below: describe, guarded_slots, stack_walk. */
#ifndef HAK_GUARDED_FAULT_H
#define HAK_GUARDED_FAULT_H

#include "lib/base/compiler.h"

#define FAULT_TURNS 8

/* Goes before the handler that there is, unless it is there already. */
COLD void fault_watch(void);

#endif
