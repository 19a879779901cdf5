/* SPDX-License-Identifier: MIT */
/* Guarded sampling (security.guarded) as malloc and free see it: a few blocks have a page of their own between pages
 * that nobody may touch (space/guarded_slots.h), and the call stacks of their allocation and their free are kept. What
 * is misused of them is reported with both: by the fault that it is (fault.h), or when the block is freed. Which
 * allocations are taken is choose.h's affair. No call stack is taken inside of the gate, or with a lock held.
 *
 * Any thread may call anything, outside of the gate. Below: describe, fault, guarded_slots, stack_walk. */
#ifndef HAK_GUARDED_GUARDED_H
#define HAK_GUARDED_GUARDED_H

#include "lib/base/compiler.h"

#include <stddef.h>

/* A guarded block of SIZE bytes at a multiple of ALIGNMENT; NULL where either is more than a page, where slots are
 * spared (guarded_slots_admit), where the kernel refuses, and during a fork. CALLER is the address that the function of
 * the API returns to, or one near it. */
void *guarded_take(size_t size, size_t alignment, const void *caller);

/* Frees the block at POINTER, whose page's entry is PAGE_GUARDED; where there is none in use, or it was written to
 * outside of its bytes, that is reported (report_misuse). */
void guarded_give(void *pointer, const void *caller);

/* How many bytes were asked for of the block at POINTER, whose page's entry is PAGE_GUARDED; GUARDED_NONE after a
 * report that names FUNCTION, where there is none in use. */
#define GUARDED_NONE SIZE_MAX
size_t guarded_usable(const void *pointer, const char *function);

#endif
