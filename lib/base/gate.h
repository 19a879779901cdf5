/* SPDX-License-Identifier: MIT */
/* The gate before the heap, which a fork closes. While a thread forks nobody may be under way in the heap: the child
 * would find it half changed. But nobody may be kept waiting either: the forking thread itself waits meanwhile, in the
 * C library and in handlers for fork, for locks of theirs, whose holders may want memory.
 *
 * So whoever is going to take a lock of the heap for malloc, free or their kin passes the gate first. Where a fork is
 * under way it waits for that a little, and then is refused: what it needs it gets elsewhere (space/fork_arena.h), and
 * what it gives it leaves here, to be freed after the fork. What else takes locks, threads' ends and statistics, waits
 * for the fork's end, as it may: it is not called with others' locks held.
 *
 * Any thread may call anything here. Below: lock, os. */
#ifndef HAK_BASE_GATE_H
#define HAK_BASE_GATE_H

#include "lib/base/lock.h"

#include <stdatomic.h>
#include <stdbool.h>

/* Threads inside are counted in several places, so that they do not meet in one: each thread has its own of these, as
 * chance has it. */
#define GATE_STRIPES 64u

struct gate_stripe {
    _Alignas(CACHE_LINE) _Atomic uint32_t inside; /* sequentially consistent against gate_turns */
};

extern HIDDEN struct gate_stripe gate_stripes[GATE_STRIPES];

/* Odd while a fork has closed the gate. Sequentially consistent: a thread counts itself inside and then looks at this,
 * the forking thread writes this and then looks who is inside; one of them sees the other. */
extern HIDDEN _Atomic uint32_t gate_turns;

/* What the thread has to undo when it leaves. */
struct gate_pass {
    uint32_t depth; /* how often it is inside, in one call below the other, or in a signal handler */
    bool counted;   /* in its stripe */
};
extern HIDDEN _Thread_local struct gate_pass gate_pass __attribute__((tls_model("initial-exec")));

/* Of the C library, where it has one: no other thread exists, nor any whose end is still under way. */
extern char __libc_single_threaded __attribute__((weak));

static ALWAYS_INLINE bool gate_is_alone(void)
{
    return &__libc_single_threaded != NULL && __libc_single_threaded;
}

static ALWAYS_INLINE struct gate_stripe *gate_stripe(void)
{
    uint64_t mixed = (uint64_t)(uintptr_t)&gate_pass * UINT64_C(0x9E3779B97F4A7C15);
    return &gate_stripes[mixed >> 32 & (GATE_STRIPES - 1)];
}

/* For gate_enter alone: the thread is counted, and the gate is closed. */
COLD bool gate_enter_closed(void);

/* Goes inside; false where a fork is under way and takes its time. Who is inside goes in again at once. */
static inline bool gate_enter(void)
{
    if (gate_pass.depth++ != 0 || lock_forks != 0 || gate_is_alone())
        return true;
    gate_pass.counted = true;
    atomic_fetch_add_explicit(&gate_stripe()->inside, 1, memory_order_seq_cst);
    if (LIKELY((atomic_load_explicit(&gate_turns, memory_order_seq_cst) & 1) == 0))
        return true;
    return gate_enter_closed();
}

/* The same, however long the fork takes. */
COLD void gate_enter_at_last(void);

static inline void gate_leave(void)
{
    if (--gate_pass.depth != 0 || !gate_pass.counted)
        return;
    gate_pass.counted = false;
    /* release, as part of it: the forking thread sees the heap as this one leaves it */
    atomic_fetch_sub_explicit(&gate_stripe()->inside, 1, memory_order_seq_cst);
}

/* Whether the calling thread is inside; so it may be in a signal handler that has interrupted it there. */
static inline bool gate_is_inside(void)
{
    return gate_pass.depth != 0;
}

/* Leaves for good, however deep inside: before a report that ends the program, whose handlers may jump out of it. */
COLD void gate_abandon(void);

/* --- what was not freed ------------------------------------------------------------------------------------------- */

/* BLOCK, of at least 16 bytes, which the caller would have freed but for a fork. */
COLD void gate_leave_block(void *block);

extern HIDDEN _Atomic(void *) gate_left_blocks; /* the last of them; each holds the address of the one before */

/* Takes one of those blocks over, to be freed; NULL where there is none. Inside. */
COLD void *gate_take_left_blocks(void);
COLD void *gate_next_left_block(void *block);

static inline bool gate_has_left_blocks(void)
{
    return UNLIKELY(atomic_load_explicit(&gate_left_blocks, memory_order_relaxed) != NULL);
}

/* --- fork --------------------------------------------------------------------------------------------------------- */

/* Closes the gate and waits until nobody is inside but the caller itself, or for long: a thread that was ended inside
 * does not come out any more. One fork at a time. */
COLD void gate_close(void);

/* Opens it; in the child, where nobody else is inside whatever the count says, gate_open_in_child. */
COLD void gate_open(void);
COLD void gate_open_in_child(void);

#endif
