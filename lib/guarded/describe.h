/* SPDX-License-Identifier: MIT */
/* What is said of guarded blocks that were misused: one line, then the call stacks. Any thread, any signal handler.
 * Below: stack_report, guarded_slots, base. */
#ifndef HAK_GUARDED_DESCRIBE_H
#define HAK_GUARDED_DESCRIBE_H

#include "lib/base/compiler.h"
#include "lib/space/guarded_slots.h"

#include <stddef.h>

/* From now on reports of misuse that are about a slot have its stacks. */
COLD void describe_start(void);

/* Reports (report_misuse) that FUNCTION got POINTER, which is not the start of a live block; SLOT is that nearest to
 * it, or NULL. */
COLD void describe_wrong_pointer(const struct guarded_slot *slot, const void *pointer, const char *function);

/* Reports (report_misuse) that the block of SLOT was written to at BROKEN (guarded_slot_broken). */
COLD void describe_broken(const struct guarded_slot *slot, ptrdiff_t broken, const char *function);

/* Writes that somebody touched ADDRESS, which is near SLOT's block, or in it and freed: with the stack of DEPTH FRAMES
 * that did so. */
COLD void describe_fault(const struct guarded_slot *slot, const void *address, const char *how, const uintptr_t *frames,
                         uint32_t depth);

#endif
