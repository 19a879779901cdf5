/* SPDX-License-Identifier: MIT */
/* The statistics against a ledger: this program knows which blocks it holds, and how long they are, and what is mapped
 * (mappings.h). Whatever it has done before, the statistics say the same to the byte while nothing happens, and the
 * parts of the memory make up the whole.
 *
 *   ledger PREFIX SEED    PREFIX is in front of the allocator's functions: "" or "hak_"
 *
 * Threads keep their lists of blocks and free one another's. */
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"
#include "tests/observe/mappings.h"

#include <inttypes.h>
#include <pthread.h>
#include <sys/wait.h>

#define WORKERS 6
#define BLOCKS_MOST 3000 /* that a worker holds */

static struct worker {
    void *blocks[BLOCKS_MOST];
    size_t count;
    uint32_t random;
} workers[WORKERS];

static bool (*read_statistics)(struct hak_stats *, size_t);

static uint32_t random_of(struct worker *worker, uint32_t most)
{
    worker->random ^= worker->random << 13;
    worker->random ^= worker->random >> 17;
    worker->random ^= worker->random << 5;
    return worker->random % most;
}

/* --- what is done ------------------------------------------------------------------------------------------------- */

/* Mostly short, now and then up to 60 MiB. */
static size_t some_size(struct worker *worker)
{
    uint32_t kind = random_of(worker, 1000);
    if (kind < 700)
        return 1 + random_of(worker, 256);
    if (kind < 950)
        return 1 + random_of(worker, 16 * KIB);
    if (kind < 995)
        return 1 + random_of(worker, 400 * KIB);
    return 1 + random_of(worker, kind < 999 ? 4 * MIB : 60 * MIB);
}

static void *some_block(struct worker *worker)
{
    size_t size = some_size(worker);
    void *block = NULL;
    switch (random_of(worker, 8)) {
    case 0:
        return under_test.calloc(1, size);
    case 1:
        return under_test.posix_memalign(&block, (size_t)16 << random_of(worker, 14), size) == 0 ? block : NULL;
    case 2:
        return under_test.realloc(under_test.malloc(some_size(worker) / 8 + 1), size);
    default:
        return under_test.malloc(size);
    }
}

static void take_one(struct worker *worker)
{
    void *block = worker->count < BLOCKS_MOST ? some_block(worker) : NULL;
    if (block == NULL)
        return;
    *(char *)block = 1;
    worker->blocks[worker->count++] = block;
}

static void give_one(struct worker *worker)
{
    if (worker->count == 0)
        return;
    size_t index = random_of(worker, (uint32_t)worker->count);
    under_test.free(worker->blocks[index]);
    worker->blocks[index] = worker->blocks[--worker->count];
}

static void resize_one(struct worker *worker)
{
    if (worker->count == 0)
        return;
    size_t index = random_of(worker, (uint32_t)worker->count);
    void *block = under_test.realloc(worker->blocks[index], some_size(worker));
    if (block != NULL)
        worker->blocks[index] = block;
}

static void churn(struct worker *worker, unsigned steps)
{
    uint32_t takes = 30 + random_of(worker, 40); /* percent: the list grows or shrinks */
    for (unsigned i = 0; i < steps; i++) {
        uint32_t what = random_of(worker, 100);
        if (what < takes)
            take_one(worker);
        else if (what < 95)
            give_one(worker);
        else
            resize_one(worker);
    }
}

static void give_all(struct worker *worker)
{
    while (worker->count > 0)
        give_one(worker);
}

static void take_many(struct worker *worker)
{
    for (unsigned i = 0; i < 1000; i++)
        take_one(worker);
}

/* Blocks too short to be all threads': another thread frees them. */
static void take_short(struct worker *worker)
{
    while (worker->count < BLOCKS_MOST)
        worker->blocks[worker->count++] = under_test.malloc(1 + random_of(worker, 48));
}

/* --- threads that wait for work ----------------------------------------------------------------------------------- */

enum work { CHURN, FREE_NEXT, TAKE, TAKE_SHORT, GIVE, CHURN_AND_FORK, END };

static enum work work;
static pthread_barrier_t begin, done;

static void fork_and_end(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    if (child > 0)
        waitpid(child, NULL, 0);
}

static void do_work(size_t number)
{
    struct worker *worker = &workers[number];
    switch (work) {
    case CHURN:
        churn(worker, 8000);
        break;
    case FREE_NEXT:
        give_all(&workers[(number + 1) % WORKERS]);
        break;
    case TAKE:
        take_many(worker);
        break;
    case TAKE_SHORT:
        take_short(worker);
        break;
    case GIVE:
        give_all(worker);
        break;
    case CHURN_AND_FORK:
        for (unsigned round = 0; round < 8; round++) {
            churn(worker, 500);
            if (number < 2)
                fork_and_end();
        }
        break;
    case END:
        break;
    }
}

static void *run_worker(void *argument)
{
    size_t number = (size_t)(struct worker *)argument - (size_t)workers;
    number /= sizeof workers[0];
    enum work now;
    do {
        pthread_barrier_wait(&begin);
        now = work;
        do_work(number);
        pthread_barrier_wait(&done);
    } while (now != END);
    return NULL;
}

static void have_done(enum work what)
{
    work = what;
    pthread_barrier_wait(&begin);
    pthread_barrier_wait(&done);
}

/* --- what is compared --------------------------------------------------------------------------------------------- */

static struct hak_stats at_first; /* when the workers held nothing */

static struct hak_stats now(void)
{
    struct hak_stats stats = {0};
    read_statistics(&stats, sizeof stats);
    return stats;
}

struct held {
    uint64_t blocks, bytes;
};

static struct held held(void)
{
    struct held all = {0};
    for (size_t i = 0; i < WORKERS; i++)
        for (size_t j = 0; j < workers[i].count; j++) {
            all.blocks++;
            all.bytes += under_test.usable_size(workers[i].blocks[j]);
        }
    return all;
}

/* Another thread's fork may have had blocks left at the gate, which the next slow path frees. */
static void settle(void)
{
    under_test.free(under_test.malloc(200 * KIB));
}

static void note_parts(const struct hak_stats *stats)
{
    tap_note("mapped %zu, said to be %" PRIu64, mapped_bytes(), stats->total_mapped_bytes);
    tap_note("allocated %" PRIu64 " rounding %" PRIu64 " cached %" PRIu64 " free %" PRIu64 " retained %" PRIu64
             " metadata %" PRIu64,
             stats->live_bytes, stats->rounding_bytes, stats->cached_bytes, stats->free_bytes, stats->retained_bytes,
             stats->metadata_bytes);
}

static bool is_mapped(uint64_t bytes)
{
#ifdef __SANITIZE_THREAD__ /* there is no account (mappings.h) */
    return bytes != 0;
#else
    return bytes == mapped_bytes();
#endif
}

static bool parts_make_up_the_whole(const struct hak_stats *stats)
{
    uint64_t sum = stats->live_bytes + stats->rounding_bytes + stats->cached_bytes + stats->free_bytes +
                   stats->retained_bytes + stats->metadata_bytes;
    return sum == stats->total_mapped_bytes &&
           stats->mapped_bytes + stats->metadata_bytes == stats->total_mapped_bytes &&
           stats->purgeable_bytes + stats->lazily_freed_bytes <= stats->retained_bytes;
}

static bool blocks_are_known(const struct hak_stats *stats)
{
    struct held mine = held();
    uint64_t blocks = stats->live_blocks - at_first.live_blocks, bytes = stats->live_bytes - at_first.live_bytes;
    /* With canaries and guard pages usable is what was asked for, and allocated what there is. */
    bool less = getenv("HAK_USABLE_IS_ASKED") != NULL && mine.bytes < bytes;
    if (mine.blocks == blocks && (mine.bytes == bytes || less))
        return true;
    tap_note("%" PRIu64 " blocks of %" PRIu64 " bytes are held, and said to be %" PRIu64 " of %" PRIu64, mine.blocks,
             mine.bytes, blocks, bytes);
    return false;
}

static bool adds_up(void)
{
    settle();
    struct hak_stats stats = now();
    bool good = parts_make_up_the_whole(&stats) && is_mapped(stats.total_mapped_bytes);
    if (!good)
        note_parts(&stats);
    return blocks_are_known(&stats) && good;
}

static bool adds_up_in_child(void)
{
    pid_t child = fork();
    if (child == 0) {
        churn(&workers[0], 3000);
        give_all(&workers[1]);
        _exit(adds_up() ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status == 0;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static void *short_life(void *unused)
{
    struct worker worker = {.random = 77};
    churn(&worker, 3000);
    give_all(&worker);
    return unused;
}

static void begin_and_end_threads(void)
{
    pthread_t threads[8];
    for (size_t i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, short_life, NULL);
    for (size_t i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
}

static void one_round(unsigned round)
{
    have_done(CHURN);
    tap_ok(adds_up(), "round %u: it adds up after threads took and gave", round);
    have_done(FREE_NEXT);
    tap_ok(adds_up(), "  and after each freed another one's blocks");
    have_done(TAKE_SHORT);
    have_done(FREE_NEXT);
    tap_ok(adds_up(), "  short ones as well");
    have_done(TAKE);
    have_done(CHURN_AND_FORK);
    tap_ok(adds_up(), "  and after some forked meanwhile");
    tap_ok(adds_up_in_child(), "  and in a child of fork");
    under_test.trim(0);
    tap_ok(adds_up(), "  and after a trim");
    have_done(GIVE);
    tap_ok(adds_up(), "  and when nothing is held");
    under_test.trim(0);
    tap_ok(adds_up(), "  and after a trim then");
}

/* Threads that ended leave what the C library keeps for the next: that counts from then on. */
static void with_threads_that_end(void)
{
    begin_and_end_threads();
    at_first = now();
    begin_and_end_threads();
    settle();
    struct hak_stats stats = now();
    bool good = parts_make_up_the_whole(&stats) && is_mapped(stats.total_mapped_bytes);
    if (!good)
        note_parts(&stats);
    tap_ok(good, "it adds up after threads ended");
}

int main(int argc, char **argv)
{
    const char *missing = allocator_load(argc > 1 ? argv[1] : "");
    if (missing != NULL || !allocator_find("hak_", "stats_get", &read_statistics)) {
        tap_ok(false, "%s exists", missing != NULL ? missing : "hak_stats_get");
        return tap_done();
    }
    pthread_t threads[WORKERS];
    pthread_barrier_init(&begin, NULL, WORKERS + 1);
    pthread_barrier_init(&done, NULL, WORKERS + 1);
    for (size_t i = 0; i < WORKERS; i++) {
        workers[i].random = (uint32_t)(argc > 2 ? atoi(argv[2]) : 1) * 7919u + (uint32_t)i;
        pthread_create(&threads[i], NULL, run_worker, &workers[i]);
    }
    have_done(GIVE);
    fork_and_end(); /* what the C library allocates for the first fork */
    settle();
    at_first = now();
    for (unsigned round = 1; round <= 3; round++)
        one_round(round);
    have_done(END);
    for (size_t i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
    with_threads_that_end();
    return tap_done();
}
