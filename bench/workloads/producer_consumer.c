/* producer-consumer: half of the threads only allocate, the other half only free what those allocated: every free is remote.
 *
 * Written from the description of xmalloc-test in: C. Lever, D. Boreham: malloc() Performance in a Multithreaded Linux Environment, USENIX
 * 2000. Workers come in pairs, an even one produces for the odd one after it. Blocks change hands in batches through a ring that one thread
 * writes and one reads, without a lock: for each block the handing over costs less than an instruction.
 *
 * The ring: `written` batches were handed over, `taken` of them are read. The producer fills slot written % RING while written - taken is
 * below RING, and then raises `written` (release; pairs with the consumer's acquire); the consumer raises `taken` (release; pairs with the
 * producer's acquire) when it no longer needs the slot. */
#include "config.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "bench/support.h"
#include "bench/workloads/workload.h"

#define BATCH 256u           /* blocks: large against the cost of handing over, small against the caches */
#define RING 64u             /* batches: a few milliseconds of work, so that a short halt of one side does not halt the other */
#define MINIMUM_SIZE 8u
#define SIZE_MASK 511u       /* sizes are 8 to 519 bytes */
#define SPINS 200u           /* looks at the ring before the processor is offered to others; a few microseconds */

struct batch {
    unsigned count;
    uint16_t *block[BATCH];
};

struct pair {
    _Alignas(64) _Atomic uint64_t written; /* producer */
    _Alignas(64) _Atomic uint64_t taken;   /* consumer */
    _Alignas(64) struct batch ring[RING];
};

struct state {
    struct pair *pair;
    uint64_t batches;  /* producer: handed over; consumer: taken and given back */
    uint32_t random;   /* producer */
    unsigned position; /* consumer: next block of the batch that it holds */
};

static uint64_t default_operations(const struct bench_plan *plan)
{
    (void)plan;
    return 30000000;
}

static uint64_t default_warmup(const struct bench_plan *plan)
{
    (void)plan;
    return 4 * BATCH * RING; /* four times round the ring */
}

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    for (unsigned index = 0; index < plan->threads; index += 2) {
        struct pair *pair = bench_map(sizeof(*pair));
        for (unsigned side = 0; side < 2; side++) {
            struct state *state = bench_map(sizeof(*state));
            state->pair = pair;
            state->random = bench_random_start(plan->seed, index + side);
            workers[index + side].state = state;
        }
    }
}

/* Waits until COUNTER is at least VALUE. */
static void wait_for(_Atomic uint64_t *counter, uint64_t value)
{
    unsigned spins = 0;
    while (atomic_load_explicit(counter, memory_order_acquire) < value)
        if (++spins > SPINS)
            sched_yield();
}

static void fill(struct batch *batch, unsigned count, uint32_t *state_random)
{
    uint32_t random = *state_random;
    for (unsigned index = 0; index < count; index++) {
        random = bench_random_next(random);
        size_t size = MINIMUM_SIZE + (random >> 7 & SIZE_MASK);
        uint16_t *block = malloc(size);
        if (__builtin_expect(!block, 0))
            bench_out_of_memory(size);
        *block = (uint16_t)size;
        batch->block[index] = block;
    }
    batch->count = count;
    *state_random = random;
}

static void produce(struct state *state, uint64_t count)
{
    struct pair *pair = state->pair;
    while (count > 0) {
        unsigned part = count < BATCH ? (unsigned)count : BATCH;
        if (state->batches >= RING)
            wait_for(&pair->taken, state->batches - RING + 1);
        fill(&pair->ring[state->batches % RING], part, &state->random);
        atomic_store_explicit(&pair->written, ++state->batches, memory_order_release);
        count -= part;
    }
}

static void consume(struct state *state, uint64_t count)
{
    struct pair *pair = state->pair;
    while (count > 0) {
        wait_for(&pair->written, state->batches + 1);
        struct batch *batch = &pair->ring[state->batches % RING];
        unsigned end = batch->count - state->position <= count ? batch->count : state->position + (unsigned)count;
        count -= end - state->position;
        for (unsigned index = state->position; index < end; index++) {
            uint16_t *block = batch->block[index];
            if (__builtin_expect(*block - MINIMUM_SIZE > SIZE_MASK, 0))
                bench_block_overwritten(block);
            free(block);
        }
        state->position = end;
        if (end == batch->count) {
            state->position = 0;
            atomic_store_explicit(&pair->taken, ++state->batches, memory_order_release);
        }
    }
}

static void step(struct bench_worker *worker, uint64_t count)
{
    if (worker->index % 2 == 0)
        produce(worker->state, count);
    else
        consume(worker->state, count);
}

/* Both sides of a pair do the same number of operations, so nothing is left. */
static void finish(struct bench_worker *worker)
{
    worker->live_requested_bytes = 0;
}

const struct workload workload_producer_consumer = {
    .name = "producer-consumer",
    .what = "pairs of threads: one allocates blocks of 8 to 519 bytes, the other frees them, so every free is remote",
    .operation = "one malloc or one free",
    .source = "xmalloc-test of Lever and Boreham: malloc() Performance in a Multithreaded Linux Environment, USENIX 2000",
    .threads_step = 2,
    .default_operations = default_operations,
    .default_warmup = default_warmup,
    .prepare = prepare,
    .step = step,
    .finish = finish,
};
