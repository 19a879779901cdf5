/* SPDX-License-Identifier: MIT */
/* realloc: vectors that grow. Of 64, a random one becomes half as large again by realloc, as those of common C++
 * libraries do, until it has the size that was drawn for it; then it is freed and a new one begins. Most stay small, a
 * few become a MiB. What is new is written. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/workload.h"

#include <string.h>

#define VECTORS 64u
#define FIRST_SIZE 16u
#define LEAST_END_BITS \
    6 /* the size at which a vector ends is drawn from 2^6 .. 2^20, each doubling as often as the next */
#define MOST_END_BITS 20
#define MARK 0x5a

struct vector {
    unsigned char *bytes; /* the first four hold the size */
    uint32_t size, end;
};

struct state {
    struct vector vector[VECTORS];
};

/* Shifting a number of 16 random bits above the leading one makes sizes that are uniform within a doubling. */
static uint32_t draw_end(uint32_t random)
{
    uint32_t bits = LEAST_END_BITS + (random >> 8) % (MOST_END_BITS - LEAST_END_BITS);
    return (uint32_t)(((UINT64_C(1) << 16 | random >> 16) << bits) >> 16);
}

static void check(const struct vector *vector)
{
    if (block_size(vector->bytes, vector->size, vector->size) > 2 * sizeof(uint32_t) &&
        vector->bytes[vector->size - 1] != MARK)
        bench_block_overwritten(vector->bytes);
}

static void begin(struct vector *vector, uint32_t random)
{
    *vector = (struct vector){block_new(FIRST_SIZE), FIRST_SIZE, draw_end(random)};
    memset(vector->bytes + sizeof(uint32_t), MARK, FIRST_SIZE - sizeof(uint32_t));
}

static void grow(struct vector *vector)
{
    uint32_t size = vector->size + vector->size / 2;
    unsigned char *bytes = realloc(vector->bytes, size);
    if (!bytes)
        bench_out_of_memory(size);
    vector->bytes = bytes;
    check(vector);
    memset(bytes + vector->size, MARK, size - vector->size);
    memcpy(bytes, &size, sizeof(size));
    vector->size = size;
}

static void step(struct bench_worker *worker, uint64_t count)
{
    struct state *state = worker->state;
    for (; count > 0; count--) {
        uint32_t random = worker_next(worker);
        struct vector *vector = &state->vector[random % VECTORS];
        if (!vector->bytes) {
            begin(vector, random);
        } else if (vector->size < vector->end) {
            grow(vector);
        } else {
            check(vector);
            free(vector->bytes);
            vector->bytes = NULL;
        }
    }
}

static void finish(struct bench_worker *worker)
{
    struct state *state = worker->state;
    for (unsigned index = 0; index < VECTORS; index++) {
        struct vector *vector = &state->vector[index];
        if (!vector->bytes)
            continue;
        check(vector);
        worker->live_requested_bytes += vector->size;
        free(vector->bytes);
    }
}

const struct workload workload_realloc = {
    .name = "realloc",
    .what = "64 vectors that grow by half, again and again, to sizes between 64 bytes and 1 MiB, every doubling as "
            "often as the next",
    .operation = "one malloc, one realloc or one free",
    .source = "the growth of std::vector and of string buffers",
    .threads_step = 1,
    .operations = 2000000,
    .warmup = 100000,
    .state_bytes = sizeof(struct state),
    .step = step,
    .finish = finish,
};
