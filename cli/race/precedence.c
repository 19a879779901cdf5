/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See precedence.h. */
#include "config.h"

#include "cli/race/precedence.h"

#include "cli/machine/clock.h"

#include <sched.h>
#include <stdbool.h>
#include <time.h>

/* A look at a contender takes a millisecond or a few. */
#define TOO_LONG_NS (50 * NS_PER_MS)

static bool taken;
static int policy_before;

static uint64_t computed_ns(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

/* Those who have set a policy of their own for it keep that. */
static void take(void)
{
    const struct sched_param lowest = {.sched_priority = sched_get_priority_min(SCHED_RR)};
    int policy = sched_getscheduler(0);
    if (policy != SCHED_OTHER && policy != (SCHED_OTHER | SCHED_RESET_ON_FORK))
        return;
    taken = sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &lowest) == 0;
    policy_before = policy;
}

struct precedence_work precedence_begin(void)
{
    return (struct precedence_work){clock_now_ns(), computed_ns()};
}

void precedence_end(const struct precedence_work *work)
{
    uint64_t lasted = clock_now_ns() - work->begin_ns, computed = computed_ns() - work->computed_ns;
    if (!taken && lasted > computed + TOO_LONG_NS)
        take();
}

void precedence_give_back(void)
{
    const struct sched_param none = {.sched_priority = 0};
    if (!taken)
        return;
    /* Who may take it need not be permitted to clear the flag. */
    if (sched_setscheduler(0, policy_before, &none) != 0)
        sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none);
    taken = false;
}
