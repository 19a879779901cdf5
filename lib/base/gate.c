/* SPDX-License-Identifier: MIT */
#include "lib/base/gate.h"

#include "lib/base/os.h"

#include <sched.h>

/* How long a thread waits for a fork's end before it goes without the heap. Most forks take less; more than that the
 * forking thread waits for somebody, if not for this very thread. */
#define WAIT_MILLISECONDS 10

/* How long the forking thread waits for those inside, who take microseconds, or milliseconds where the kernel is slow.
 */
#define CLOSE_MILLISECONDS 2000

struct gate_stripe gate_stripes[GATE_STRIPES];
_Atomic uint32_t gate_turns;
_Thread_local struct gate_pass gate_pass;
_Atomic(void *) gate_left_blocks;

/* The turn of the gate that this thread has waited for in vain, or 0: it does not wait twice for one fork. */
static _Thread_local uint32_t waited_for __attribute__((tls_model("initial-exec")));

static struct lock one_fork = LOCK_INITIALIZER;

static void uncount(void)
{
    gate_pass.counted = false;
    atomic_fetch_sub_explicit(&gate_stripe()->inside, 1, memory_order_seq_cst);
}

/* Whether the thread, which is not counted, has become so. */
static bool count_if_open(void)
{
    gate_pass.counted = true;
    atomic_fetch_add_explicit(&gate_stripe()->inside, 1, memory_order_seq_cst);
    if ((atomic_load_explicit(&gate_turns, memory_order_seq_cst) & 1) == 0)
        return true;
    uncount();
    return false;
}

bool gate_enter_closed(void)
{
    uncount();
    do {
        uint32_t turn = atomic_load_explicit(&gate_turns, memory_order_seq_cst);
        if ((turn & 1) == 0)
            continue;
        if (turn == waited_for) {
            gate_pass.depth--;
            return false;
        }
        if (!os_wait(&gate_turns, turn, WAIT_MILLISECONDS))
            waited_for = turn;
    } while (!count_if_open());
    return true;
}

void gate_enter_at_last(void)
{
    if (gate_pass.depth++ != 0 || lock_forks != 0)
        return;
    while (!count_if_open()) {
        uint32_t turn = atomic_load_explicit(&gate_turns, memory_order_seq_cst);
        if ((turn & 1) != 0)
            os_wait(&gate_turns, turn, WAIT_MILLISECONDS);
    }
}

void gate_abandon(void)
{
    gate_pass.depth = 0;
    if (gate_pass.counted)
        uncount();
}

void gate_leave_block(void *block)
{
    void *before = atomic_load_explicit(&gate_left_blocks, memory_order_relaxed);
    do
        *(void **)block = before;
    while (!atomic_compare_exchange_weak_explicit(&gate_left_blocks, &before, block, memory_order_release,
                                                  memory_order_relaxed));
}

void *gate_take_left_blocks(void)
{
    /* pairs with the release in gate_leave_block: the links are there */
    return atomic_exchange_explicit(&gate_left_blocks, NULL, memory_order_acquire);
}

void *gate_next_left_block(void *block)
{
    return *(void **)block;
}

static bool others_are_inside(void)
{
    bool inside = false;
    for (uint32_t i = 0; i < GATE_STRIPES; i++) {
        uint32_t own = gate_pass.counted && &gate_stripes[i] == gate_stripe();
        inside |= atomic_load_explicit(&gate_stripes[i].inside, memory_order_seq_cst) > own;
    }
    return inside;
}

void gate_close(void)
{
    lock_take(&one_fork);
    atomic_fetch_add_explicit(&gate_turns, 1, memory_order_seq_cst);
    for (uint64_t start = os_milliseconds(); others_are_inside();) {
        if (os_milliseconds() - start > CLOSE_MILLISECONDS)
            break;
        sched_yield();
    }
}

void gate_open(void)
{
    atomic_fetch_add_explicit(&gate_turns, 1, memory_order_seq_cst);
    os_wake(&gate_turns);
    lock_release(&one_fork);
}

void gate_open_in_child(void)
{
    for (uint32_t i = 0; i < GATE_STRIPES; i++)
        atomic_store_explicit(&gate_stripes[i].inside, 0, memory_order_relaxed);
    if (gate_pass.counted)
        atomic_store_explicit(&gate_stripe()->inside, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&gate_turns, 1, memory_order_seq_cst);
    lock_reset(&one_fork);
}
