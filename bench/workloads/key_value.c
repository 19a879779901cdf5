/* SPDX-License-Identifier: MIT */
/* key-value: a store of 50000 entries, each a key and a value in blocks of their own. A random entry is replaced, and
 * others are read.
 *
 * Sizes are those of the ETC pool in: B. Atikoglu and others: Workload Analysis of a Large-Scale Key-Value Store,
 * SIGMETRICS 2012: keys by a generalized extreme value distribution, values by a generalized Pareto distribution. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/workload.h"

#include <math.h>
#include <stdbool.h>

#define ENTRIES 50000u
#define READS 2u    /* for each replacement */
#define SIZES 4096u /* quantiles of each distribution, drawn with equal chances */
#define LEAST_SIZE 8u
#define LONGEST_KEY 250u /* memcached's limit */
#define LARGEST_VALUE 100000u

struct entry {
    void *key, *value;
};

struct state {
    struct entry entry[ENTRIES];
};

struct sizes {
    uint32_t key[SIZES], value[SIZES];
};

static uint32_t within(double size, uint32_t most)
{
    return size < LEAST_SIZE ? LEAST_SIZE : size > most ? most : (uint32_t)size;
}

static void compute_sizes(struct sizes *sizes)
{
    for (unsigned index = 0; index < SIZES; index++) {
        double share = (index + 0.5) / SIZES;
        double key = 30.7984 + 8.20449 / 0.078688 * (pow(-log(share), -0.078688) - 1);
        double value = 15 + 214.476 / 0.348238 * (pow(1 - share, -0.348238) - 1);
        sizes->key[index] = within(key, LONGEST_KEY);
        sizes->value[index] = within(value, LARGEST_VALUE);
    }
}

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    plan->shared = bench_map(sizeof(struct sizes));
    compute_sizes(plan->shared);
    (void)workers;
}

static inline uint32_t read_entry(const struct entry *entry)
{
    return block_size(entry->key, LEAST_SIZE, LONGEST_KEY) + block_size(entry->value, LEAST_SIZE, LARGEST_VALUE);
}

static void discard(const struct entry *entry)
{
    read_entry(entry);
    free(entry->key);
    free(entry->value);
}

static void step(struct bench_worker *worker, uint64_t count)
{
    struct state *state = worker->state;
    const struct sizes *sizes = worker->plan->shared;
    for (; count > 0; count--) {
        struct entry *entry = &state->entry[worker_next(worker) % ENTRIES];
        struct entry fresh = {block_new(sizes->key[worker_next(worker) >> 8 & (SIZES - 1)]),
                              block_new(sizes->value[worker_next(worker) >> 8 & (SIZES - 1)])};
        if (entry->key)
            discard(entry);
        *entry = fresh;
        for (unsigned number = 0; number < READS; number++) {
            const struct entry *other = &state->entry[worker_next(worker) % ENTRIES];
            if (other->key)
                read_entry(other);
        }
    }
}

static void finish(struct bench_worker *worker)
{
    struct state *state = worker->state;
    for (unsigned index = 0; index < ENTRIES; index++) {
        if (!state->entry[index].key)
            continue;
        worker->live_requested_bytes += read_entry(&state->entry[index]);
        discard(&state->entry[index]);
    }
}

const struct workload workload_key_value = {
    .name = "key-value",
    .what = "a store of 50000 keys and values, sized as in Facebook's ETC pool: entries are replaced, and two read for "
            "each of them",
    .operation = "two mallocs and two frees, and two look-ups",
    .source = "Atikoglu and others: Workload Analysis of a Large-Scale Key-Value Store, SIGMETRICS 2012",
    .threads_step = 1,
    .operations = 5000000,
    .warmup = 3 * ENTRIES,
    .state_bytes = sizeof(struct state),
    .prepare = prepare,
    .step = step,
    .finish = finish,
};
