/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Precedence over what is measured. Hundreds of processes that never rest leave this one so little of the processors
 * that it looks at them and ends them many times too late. Where that is seen, and where it is permitted (root,
 * CAP_SYS_NICE, RLIMIT_RTPRIO), it goes before all programs without a real-time priority, until it gives that back.
 * What it starts does not inherit it.
 *
 * One thread. Below: nothing of the race. */
#ifndef HAK_RACE_PRECEDENCE_H
#define HAK_RACE_PRECEDENCE_H

#include <stdint.h>

/* A piece of this thread's work: when it began, and what the thread had computed by then. */
struct precedence_work {
    uint64_t begin_ns, computed_ns;
};

struct precedence_work precedence_begin(void);

/* At the end of WORK that waits for nothing but a processor: takes precedence if it waited for that too long. */
void precedence_end(const struct precedence_work *work);

/* Back to what was before, if precedence was taken. */
void precedence_give_back(void);

#endif
