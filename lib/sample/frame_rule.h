/* SPDX-License-Identifier: MIT */
/* How to get from a frame of the call stack to its caller's: what the unwind tables of a module (.eh_frame) say of one
 * place in its code. The same tables serve exceptions; but whoever asks the C++ runtime to read them may wait for locks
 * that it or the loader holds, and allocates, within malloc. This reader takes no lock, allocates nothing and calls
 * nothing but the loader's look-up without a lock (_dl_find_object, glibc 2.35; modules.h says what there is else).
 *
 * Only what call stacks need is understood: the rules of the stack pointer, the frame pointer and the return address,
 * as registers and offsets or the few expressions that compilers use for them. Where a table says more there is no
 * rule.
 *
 * Any thread and any signal handler may call anything. (The format: System V ABI, AMD64 supplement, 4.2.4; DWARF 5,
 * 6.4; Linux Standard Base 5.0, Core, 10.6.) Below: frame_entry, modules. */
#ifndef HAK_SAMPLE_FRAME_RULE_H
#define HAK_SAMPLE_FRAME_RULE_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/* What an address is reckoned from. */
enum frame_base {
    FRAME_BASE_NONE, /* there is no such address: of the frame pointer, it is the caller's still */
    FRAME_BASE_SP,   /* the frame's stack pointer */
    FRAME_BASE_FP,   /* the frame's frame pointer */
    FRAME_BASE_CFA   /* the caller's stack pointer */
};

struct frame_rule {
    int32_t cfa_offset, return_offset, fp_offset; /* bytes from the bases; multiples of 8 */
    uint8_t cfa_base;                             /* enum frame_base: SP or FP */
    bool cfa_is_there;                            /* the caller's stack pointer is not that address, but stands there */
    uint8_t return_base; /* where the return address stands; NONE: the frame is the outermost */
    uint8_t fp_base;     /* where the caller's frame pointer stands */
    bool is_signal;      /* a signal has interrupted the caller, whose address is not behind a call then */
};

/* The rule for the instruction at ADDRESS; false where no table has one, or it is not understood. */
bool frame_rule_find(uintptr_t address, struct frame_rule *rule);

#endif
