/* SPDX-License-Identifier: MIT */
/* One at a time, for what a signal handler does as well: who finds somebody at work does not wait, as it may have
 * interrupted that. A claim that a thread held while another one forked is nobody's in the child.
 *
 * Any thread and any signal handler may call anything. Nothing is below. */
#ifndef HAK_BASE_CLAIM_H
#define HAK_BASE_CLAIM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

struct claim {
    _Atomic uint64_t process; /* whose thread has it; 0: nobody's. Sequentially consistent */
};

/* False where a thread of this process has it. */
static inline bool claim_take(struct claim *claim)
{
    uint64_t own = (uint64_t)getpid(), holder = 0;
    while (!atomic_compare_exchange_strong_explicit(&claim->process, &holder, own, memory_order_seq_cst,
                                                    memory_order_seq_cst))
        if (holder == own)
            return false;
    return true;
}

static inline void claim_release(struct claim *claim)
{
    atomic_store_explicit(&claim->process, 0, memory_order_seq_cst);
}

#endif
