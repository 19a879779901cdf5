/* pipeline: three threads in a row. The first allocates, the second lets every block grow by realloc and passes it on, the third frees.
 * So blocks are moved by a thread that did not allocate them, and their new place is freed by yet another: no thread ever gets back what
 * it allocated, and each of the three has another balance of allocations and frees. Below: ring.
 *
 * Written from the description of asymmetric tests (a allocates, b frees) in: B. Kuszmaul: SuperMalloc, ISMM 2015, section 6, with the
 * third thread that changes sizes in between as in a network program that appends a header. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/ring.h"
#include "bench/workloads/workload.h"

#define MINIMUM_SIZE 16u
#define SIZE_MASK 255u   /* sizes are 16 to 271 bytes at first */
#define GROWTH 64u       /* bytes that realloc adds */
#define STAGES 3u

enum { ALLOCATE, REALLOCATE, FREE };

struct state {
    struct ring_end in, out; /* the first has no in, the last no out */
    uint32_t random;         /* of the first */
};

static uint64_t default_operations(const struct bench_plan *plan)
{
    (void)plan;
    return 10000000;
}

static uint64_t default_warmup(const struct bench_plan *plan)
{
    (void)plan;
    return 4 * RING_BATCH * RING_SLOTS;
}

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    for (unsigned index = 0; index < plan->threads; index++) {
        struct state *state = bench_map(sizeof(*state));
        state->random = bench_random_start(plan->seed, index);
        workers[index].state = state;
        if (index % STAGES != ALLOCATE)
            ring_prepare(&((struct state *)workers[index - 1].state)->out, &state->in);
    }
}

/* The block that the worker's stage makes of the one that came in; NULL from the last stage. */
static inline void *treat(struct state *state, unsigned stage, void *block)
{
    if (stage == ALLOCATE) {
        state->random = bench_random_next(state->random);
        return block_new(MINIMUM_SIZE + (state->random >> 7 & SIZE_MASK));
    }
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

/* A stage's last batch of a call is handed over as it is: the next stage does the same number of operations and waits for it. */
static void step(struct bench_worker *worker, uint64_t count)
{
    struct state *state = worker->state;
    unsigned stage = worker->index % STAGES;
    while (count > 0) {
        unsigned part = count < RING_BATCH ? (unsigned)count : RING_BATCH;
        struct ring_batch *batch = stage == FREE ? NULL : ring_slot(&state->out);
        for (unsigned index = 0; index < part; index++) {
            void *block = treat(state, stage, stage == ALLOCATE ? NULL : take(&state->in));
            if (batch)
                batch->block[index] = block;
        }
        if (batch)
            ring_hand_over(&state->out, part);
        count -= part;
    }
}

/* All stages do the same number of operations, so nothing is left. */
static void finish(struct bench_worker *worker)
{
    worker->live_requested_bytes = 0;
}

const struct workload workload_pipeline = {
    .name = "pipeline",
    .what = "three threads in a row: one allocates blocks of 16 to 271 bytes, one makes each 64 bytes larger by realloc, one frees them",
    .operation = "one malloc, one realloc or one free",
    .source = "the asymmetric tests of Kuszmaul: SuperMalloc, ISMM 2015",
    .threads_step = STAGES,
    .default_operations = default_operations,
    .default_warmup = default_warmup,
    .prepare = prepare,
    .step = step,
    .finish = finish,
};
