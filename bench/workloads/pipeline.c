/* SPDX-License-Identifier: MIT */
/* pipeline: three threads in a row. The first allocates, the second lets every block grow by realloc and passes it on,
 * the third frees. So blocks are moved by a thread that did not allocate them, and their new place is freed by yet
 * another: no thread ever gets back what it allocated, and each of the three has another balance of allocations and
 * frees. Below: ring.
 *
 * The asymmetry is that of xmalloc-test in: C. Lever, D. Boreham: malloc() Performance in a Multithreaded Linux
 * Environment, USENIX 2000, with a third thread that changes sizes in between, as a network program does that appends a
 * header. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/ring.h"
#include "bench/workloads/workload.h"

#define MINIMUM_SIZE 16u
#define SIZE_MASK 255u /* sizes are 16 to 271 bytes at first */
#define GROWTH 64u     /* bytes that realloc adds */
#define STAGES 3u

enum { ALLOCATE, REALLOCATE, FREE };

struct state {
    struct ring_end in, out; /* the first has no in, the last no out */
};

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    for (unsigned index = 0; index < plan->threads; index++) {
        struct state *state = workers[index].state;
        if (index % STAGES != ALLOCATE)
            ring_prepare(&((struct state *)workers[index - 1].state)->out, &state->in);
    }
}

/* The block that the worker's stage makes of the one that came in; NULL from the last stage. */
static inline void *treat(struct bench_worker *worker, unsigned stage, void *block)
{
    if (stage == ALLOCATE)
        return block_new(MINIMUM_SIZE + (worker_next(worker) >> 7 & SIZE_MASK));
    if (stage == FREE) {
        block_size(block, MINIMUM_SIZE + GROWTH, MINIMUM_SIZE + GROWTH + SIZE_MASK);
        free(block);
        return NULL;
    }
    uint32_t size = block_size(block, MINIMUM_SIZE, MINIMUM_SIZE + SIZE_MASK) + GROWTH;
    uint32_t *moved = realloc(block, size);
    if (__builtin_expect(!moved, 0))
        bench_out_of_memory(size);
    *moved = size;
    return moved;
}

static void *take(struct ring_end *in)
{
    struct ring_batch *batch = ring_read(in);
    void *block = batch->block[in->position++];
    if (in->position == batch->count)
        ring_give_back(in);
    return block;
}

/* A stage's last batch of a call is handed over as it is: the next stage does the same number of operations and waits
 * for it. */
static void step(struct bench_worker *worker, uint64_t count)
{
    struct state *state = worker->state;
    unsigned stage = worker->index % STAGES;
    while (count > 0) {
        unsigned part = count < RING_BATCH ? (unsigned)count : RING_BATCH;
        struct ring_batch *batch = stage == FREE ? NULL : ring_slot(&state->out);
        for (unsigned index = 0; index < part; index++) {
            void *block = treat(worker, stage, stage == ALLOCATE ? NULL : take(&state->in));
            if (batch)
                batch->block[index] = block;
        }
        if (batch)
            ring_hand_over(&state->out, part);
        count -= part;
    }
}

const struct workload workload_pipeline = {
    .name = "pipeline",
    .what = "three threads in a row: one allocates blocks of 16 to 271 bytes, one makes each 64 bytes larger by "
            "realloc, one frees them",
    .operation = "one malloc, one realloc or one free",
    .source = "xmalloc-test of Lever and Boreham, USENIX 2000, with a stage in between",
    .threads_step = STAGES,
    .operations = 10000000,
    .warmup = 4 * RING_BATCH * RING_SLOTS,
    .state_bytes = sizeof(struct state),
    .prepare = prepare,
    .step = step,
};
