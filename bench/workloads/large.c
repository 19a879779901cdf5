/* SPDX-License-Identifier: MIT */
/* large: blocks of 1 to 32 MiB that come and go. Of 8 slots a random one is freed and filled with a new block, a MiB of
 * which is written in each operation. An allocator that gives such memory back to the kernel at every free has it
 * cleared again at every malloc.
 *
 * Written from the description of malloc-large (blocks of 5 to 25 MiB, 20 of them live) in mimalloc-bench's readme,
 * with a wider range. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/workload.h"

#define SLOTS 8u
#define MIB (UINT32_C(1) << 20)
#define SIZE_BITS 5 /* sizes are 2^0 to 2^5 MiB, each doubling as often as the next */
#define TOUCH 4096u /* bytes from one write to the next: every page */

struct state {
    char *slot[SLOTS];
    char *block;      /* the one that is being written, also in its slot */
    uint32_t size;    /* its size in bytes */
    uint32_t written; /* bytes of it */
};

static void discard(char *block)
{
    block_size(block, MIB, MIB << SIZE_BITS);
    free(block);
}

static void replace(struct state *state, uint32_t random)
{
    uint32_t base = MIB << (random >> 4) % SIZE_BITS;
    uint32_t size = base + (uint32_t)((uint64_t)base * (random >> 16) >> 16);
    char **slot = &state->slot[random % SLOTS];
    if (*slot)
        discard(*slot);
    *slot = state->block = block_new(size);
    state->size = size;
    state->written = 0;
}

/* Writes a word of every page of the next MiB, or of what is left. */
static void write_on(struct state *state)
{
    uint32_t end = state->size - state->written > MIB ? state->written + MIB : state->size;
    for (uint32_t offset = state->written; offset < end; offset += TOUCH)
        *(uint32_t *)(state->block + offset) = state->size;
    state->written = end;
}

static void step(struct bench_worker *worker, uint64_t count)
{
    struct state *state = worker->state;
    for (; count > 0; count--) {
        if (state->written == state->size)
            replace(state, worker_next(worker));
        write_on(state);
    }
}

static void finish(struct bench_worker *worker)
{
    struct state *state = worker->state;
    for (unsigned index = 0; index < SLOTS; index++) {
        if (!state->slot[index])
            continue;
        worker->live_requested_bytes += block_size(state->slot[index], MIB, MIB << SIZE_BITS);
        discard(state->slot[index]);
    }
}

const struct workload workload_large = {
    .name = "large",
    .what = "8 blocks of 1 to 32 MiB, of which a random one is replaced and its pages written, again and again",
    .operation = "a MiB allocated, written and freed",
    .source = "malloc-large of mimalloc-bench",
    .threads_step = 1,
    .operations = 100000,
    .warmup = 2000, /* about two hundred blocks */
    .state_bytes = sizeof(struct state),
    .step = step,
    .finish = finish,
};
