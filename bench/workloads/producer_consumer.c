/* producer-consumer: half of the threads only allocate, the other half only free what those allocated: every free is remote. Below: ring.
 *
 * Written from the description of xmalloc-test in: C. Lever, D. Boreham: malloc() Performance in a Multithreaded Linux Environment, USENIX
 * 2000. Workers come in pairs, an even one produces for the odd one after it. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/ring.h"
#include "bench/workloads/workload.h"

#define MINIMUM_SIZE 8u
#define SIZE_MASK 511u /* sizes are 8 to 519 bytes */

struct state {
    struct ring_end end; /* the producer's or the consumer's */
    uint32_t random;     /* producer */
};

static uint64_t default_operations(const struct bench_plan *plan)
{
    (void)plan;
    return 30000000;
}

static uint64_t default_warmup(const struct bench_plan *plan)
{
    (void)plan;
    return 4 * RING_BATCH * RING_SLOTS; /* four times round the ring */
}

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    for (unsigned index = 0; index < plan->threads; index += 2) {
        struct state *producer = bench_map(sizeof(*producer)), *consumer = bench_map(sizeof(*consumer));
        ring_prepare(&producer->end, &consumer->end);
        producer->random = bench_random_start(plan->seed, index);
        workers[index].state = producer;
        workers[index + 1].state = consumer;
    }
}

static void produce(struct state *state, uint64_t count)
{
    uint32_t random = state->random;
    while (count > 0) {
        unsigned part = count < RING_BATCH ? (unsigned)count : RING_BATCH;
        struct ring_batch *batch = ring_slot(&state->end);
        for (unsigned index = 0; index < part; index++) {
            random = bench_random_next(random);
            batch->block[index] = block_new(MINIMUM_SIZE + (random >> 7 & SIZE_MASK));
        }
        ring_hand_over(&state->end, part);
        count -= part;
    }
    state->random = random;
}

static void consume(struct ring_end *end, uint64_t count)
{
    while (count > 0) {
        struct ring_batch *batch = ring_read(end);
        unsigned stop = batch->count - end->position <= count ? batch->count : end->position + (unsigned)count;
        count -= stop - end->position;
        for (; end->position < stop; end->position++) {
            void *block = batch->block[end->position];
            block_size(block, MINIMUM_SIZE, MINIMUM_SIZE + SIZE_MASK);
            free(block);
        }
        if (stop == batch->count)
            ring_give_back(end);
    }
}

static void step(struct bench_worker *worker, uint64_t count)
{
    struct state *state = worker->state;
    if (worker->index % 2 == 0)
        produce(state, count);
    else
        consume(&state->end, count);
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
