/* SPDX-License-Identifier: MIT */
/* The records that a thread's last samples had, by the place of the stack pointer: most are taken by a stack that was
 * taken before. A stack is the same if the stack pointer is, and each return address stands where it stood.
 *
 * They are compared outwards from the innermost. The address of its code says how long a frame is, so the next return
 * address is in the stack as it is. Where it does not, the kernel is asked for each further page: a program may have
 * another stack at the same place, a shorter one (coroutines). What was kept by another thread is forgotten.
 *
 * A memo belongs to the holder of its thread cache. Below: records, stack_walk, thread_cache. */
#ifndef HAK_SAMPLE_STACK_MEMO_H
#define HAK_SAMPLE_STACK_MEMO_H

#include "lib/sample/records.h"
#include "lib/sample/stack_walk.h"

#include <stdint.h>

struct stack_memo;

/* One of METADATA; NULL if that is refused. Inside of the gate. */
struct stack_memo *stack_memo_new(void);

/* The record of blocks of BYTES, where the calling thread's stack from SP on is one that is known; else NULL. CALLER is
 * the one that the stack was taken for. */
struct sample_record *stack_memo_find(struct stack_memo *memo, uintptr_t sp, const void *caller, uint64_t bytes);

/* STACK, taken from SP on for CALLER, has RECORD. */
void stack_memo_keep(struct stack_memo *memo, uintptr_t sp, const void *caller, const struct stack *stack,
                     struct sample_record *record);

/* What all of them take; any thread. */
COLD uint64_t stack_memo_bytes(void);

#endif
