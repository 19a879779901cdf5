/* SPDX-License-Identifier: MIT */
/* The heap profile as malloc and free see it: whether it is on, which allocations it samples, and that these are
 * watched until they are freed. While it is on every allocation is counted (thread/sample_clock.h): those of the fast
 * path of malloc in batches (thread/counted_stack.h), all others here. A sampled short block lies in the sampled heap
 * (heap/sampled.h), a sampled large one has its record's address in its descriptor. No call stack is taken inside of
 * the gate, or with a lock held.
 *
 * Any thread may call anything, outside of the gate. Below: records, stack_walk, thread, heap, space. */
#ifndef HAK_SAMPLE_SAMPLE_H
#define HAK_SAMPLE_SAMPLE_H

#include "lib/base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern HIDDEN _Atomic bool sample_on;      /* relaxed: a thread that sees it late counts a little late */
extern HIDDEN _Atomic bool sample_ever_on; /* relaxed */

static ALWAYS_INLINE bool sample_is_on(void)
{
    return atomic_load_explicit(&sample_on, memory_order_relaxed);
}

/* Whether there may be sampled blocks. */
static ALWAYS_INLINE bool sample_was_on(void)
{
    return atomic_load_explicit(&sample_ever_on, memory_order_relaxed);
}

/* Goes on or off; also from a signal handler, once sample_prepare was called. What was sampled before stays and is
 * watched. */
COLD void sample_switch(bool on);

/* Does what a signal handler could not. Returns false where this library does not allocate in this process, or its
 * profile has measures of security, which sampled blocks would not pass, or guards some of the blocks. */
COLD bool sample_prepare(void);

/* --- malloc; CALLER is the address that the function of the API returns to, or one near it ------------------------ */

/* While the profile is on: counts a malloc of CLASS. Returns its block if it is sampled, or comes from the thread's
 * stack of the class; NULL if the caller is to get it elsewhere. */
void *sample_malloc(unsigned class, const void *caller);

/* The same for a block that is to be of CLASS itself, and not to be popped. */
void *sample_malloc_exact(unsigned class, const void *caller);

/* Whether the next block of CLASS is not sampled, nor one that is counted already; and counts it, once it is there. The
 * calling thread has a cache. */
bool sample_would_pass(unsigned class);
void sample_count_passed(unsigned class);

/* While the profile is on: counts a large block of SIZE bytes. True if it is sampled: then the caller gets it, and has
 * it watched. */
bool sample_strikes_large(size_t size);

/* BLOCK, if it is a large one, is watched until sample_forget gets what its descriptor has. */
COLD void sample_watch_large(void *block, size_t size, const void *caller);

/* --- free --------------------------------------------------------------------------------------------------------- */

/* A sampled block is free: RECORD is what the sampled heap or the descriptor had. */
void sample_forget(void *record);

#endif
