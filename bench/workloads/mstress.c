/* SPDX-License-Identifier: MIT */
/* mstress: a server's mixture. Each thread allocates blocks whose sizes double with falling chances, up to rare large
 * ones; most die after a short while in any order, some are kept long, and some migrate: through shared places a block
 * comes to another thread, which frees it.
 *
 * Written from the description of mstress in mimalloc-bench's readme. The places are exchanged with acquire and
 * release: who takes a block out sees what was written into it. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/workload.h"

#include <stdatomic.h>

#define SHORT_LIVED 512u /* places of a thread; a random one's block is replaced */
#define LONG_LIVED 8192u /* likewise */
#define SHARED 1000u     /* places of all threads together */
#define LEAST_SIZE 16u
#define MOST_DOUBLINGS 16 /* of the size: up to 1 MiB, and twice that with what is added at random */
#define LARGEST_SIZE ((LEAST_SIZE << MOST_DOUBLINGS) * 2)

struct state {
    void *short_lived[SHORT_LIVED], *long_lived[LONG_LIVED];
};

typedef _Atomic(void *) shared_place;

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    plan->shared = bench_map(SHARED * sizeof(shared_place));
    (void)workers;
}

/* 16 to 31 bytes with a chance of a quarter, 32 to 63 with a quarter of what is left and so on, up to six doublings;
 * one block in 4096 has any number of doublings up to the most. */
static uint32_t draw_size(struct bench_worker *worker)
{
    uint32_t random = worker_next(worker), doublings;
    if (random >> 20 == 0) {
        doublings = (random >> 4) % (MOST_DOUBLINGS + 1);
    } else {
        for (doublings = 0; doublings < 6 && (random >> (8 + 2 * doublings) & 3) != 0;)
            doublings++;
    }
    uint32_t base = LEAST_SIZE << doublings;
    return base + (uint32_t)((uint64_t)base * (worker_next(worker) >> 8) >> 24);
}

static void discard(void *block)
{
    if (!block)
        return;
    block_size(block, LEAST_SIZE, LARGEST_SIZE);
    free(block);
}

static inline void *exchange(void **place, void *block)
{
    void *old = *place;
    *place = block;
    return old;
}

static void step(struct bench_worker *worker, uint64_t count)
{
    struct state *state = worker->state;
    shared_place *shared = worker->plan->shared;
    for (; count > 0; count--) {
        void *block = block_new(draw_size(worker));
        uint32_t random = worker_next(worker), way = random >> 8 & 15;
        if (way == 0)
            block = exchange(&state->long_lived[(random >> 12) % LONG_LIVED], block);
        else if (way < 3)
            block = atomic_exchange_explicit(&shared[(random >> 12) % SHARED], block, memory_order_acq_rel);
        else
            block = exchange(&state->short_lived[(random >> 12) % SHORT_LIVED], block);
        discard(block);
    }
}

static uint64_t discard_all(void **places, unsigned count)
{
    uint64_t bytes = 0;
    for (unsigned index = 0; index < count; index++) {
        if (places[index])
            bytes += block_size(places[index], LEAST_SIZE, LARGEST_SIZE);
        discard(places[index]);
    }
    return bytes;
}

/* The blocks in shared places stay: other threads may still be looking at them. They are few. */
static void finish(struct bench_worker *worker)
{
    struct state *state = worker->state;
    worker->live_requested_bytes =
        discard_all(state->short_lived, SHORT_LIVED) + discard_all(state->long_lived, LONG_LIVED);
}

const struct workload workload_mstress = {
    .name = "mstress",
    .what = "a server's mixture: sizes double with falling chances, most blocks die soon, some late, one in eight "
            "moves to another thread",
    .operation = "one malloc and one free",
    .source = "mstress of mimalloc-bench",
    .threads_step = 1,
    .every_core = true,
    .operations = 20000000,
    .warmup = 20 * LONG_LIVED, /* most places are full */
    .state_bytes = sizeof(struct state),
    .prepare = prepare,
    .step = step,
    .finish = finish,
};
