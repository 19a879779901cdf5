/* SPDX-License-Identifier: MIT */
/* The stress test: THREADS threads allocate, zero-allocate, align, resize and free blocks of 0 bytes to 4 MiB, hand
 * them to each other through a table, now and then have free memory given back, and die and are replaced. Every block
 * carries a header that says how long it is and a checksum over all its content, which whoever takes, resizes or frees
 * it verifies. A block that is wrong ends the program with exit status 1 and a line that says where.
 *
 * stress [--threads N] [--seconds N] [--ops N] [--seed N] [--max-live MIB]
 * It ends after --seconds, or when each thread has done --ops operations, whichever comes first (0: no such limit).
 *
 * The table is the one place that threads share: a slot is taken and filled by one atomic exchange, which hands over
 * the block's content (release on the way in, acquire on the way out). */
#include "tests/stress/stress_api.h"

#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Slots of the table through which blocks change threads. */
#define SHARED_SLOTS 4096
/* Blocks that a thread keeps to itself. */
#define OWN_SLOTS 512
/* Operations after which a thread dies; the next one takes over its slots. Short enough that thousands die in a minute.
 */
#define LIFE_OPERATIONS 2000
/* Sizes: 2^0 to 2^LARGEST_SHIFT bytes, each doubling equally likely among small ones, and one in LARGE_ONE_IN above
 * SMALL_SHIFT: blocks of megabytes would else take all the time to fill. */
#define SMALL_SHIFT 13
#define LARGEST_SHIFT 22
#define LARGE_ONE_IN 128
/* Operations before which all that is free is given back, also what is kept of threads that ended. */
#define TRIM_ONE_IN 10000

/* At the start of every block that has room for it; shorter ones are filled with bytes of one value derived from their
 * length. */
struct header {
    uint64_t size;     /* bytes that were asked for */
    uint64_t seed;     /* of the content behind the header */
    uint64_t checksum; /* over the content as it must be, and the fields above */
};

/* A block on its way: its length travels beside it, so that a wrong header is seen. */
struct block {
    unsigned char *bytes;
    size_t size;
};

struct options {
    unsigned threads;
    unsigned seconds;
    uint64_t operations; /* of each thread */
    uint64_t seed;
    size_t max_live; /* bytes in all blocks at once */
};

/* A place that is filled by one thread after the other. */
struct seat {
    pthread_t thread;
    uint64_t random;      /* state, never 0 */
    uint64_t done;        /* operations */
    unsigned generations; /* threads that sat here */
    struct block own[OWN_SLOTS];
};

static struct options options = {.threads = 16, .seconds = 5, .seed = 1, .max_live = (size_t)512 << 20};
static _Atomic(struct block *) shared[SHARED_SLOTS];
static atomic_size_t live_bytes;
static atomic_bool stop;

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state * UINT64_C(0x2545F4914F6CDD1D) >> 16;
}

__attribute__((noreturn)) static void fail(const struct block *block, const char *where)
{
    fprintf(stderr, "stress: %s: block %p of %zu bytes does not hold what was written (seed %" PRIu64 ")\n", where,
            (void *)block->bytes, block->size, options.seed);
    exit(1);
}

/* --- content ------------------------------------------------------------------------------------------------------ */

static uint64_t content_word(uint64_t seed, size_t place)
{
    return seed + place * UINT64_C(0x9E3779B97F4A7C15);
}

static void write_content(struct block *block, uint64_t seed)
{
    if (block->size < sizeof(struct header)) {
        memset(block->bytes, (int)(block->size * 37 + 11) & 0xFF, block->size);
        return;
    }
    struct header header = {.size = block->size, .seed = seed, .checksum = block->size * 31 ^ seed};
    size_t place = sizeof header;
    for (; place + sizeof(uint64_t) <= block->size; place += sizeof(uint64_t)) {
        uint64_t word = content_word(seed, place);
        header.checksum = header.checksum * 31 + word;
        memcpy(block->bytes + place, &word, sizeof word);
    }
    memset(block->bytes + place, (int)(seed & 0xFF), block->size - place);
    memcpy(block->bytes, &header, sizeof header);
}

/* Is the content that was written for ORIGINAL bytes still there, as far as KEPT of them go? */
static bool content_holds(const unsigned char *bytes, size_t original, size_t kept)
{
    if (original < sizeof(struct header)) {
        for (size_t i = 0; i < kept; i++)
            if (bytes[i] != ((original * 37 + 11) & 0xFF))
                return false;
        return true;
    }
    if (kept < sizeof(struct header))
        return true; /* a piece of a header: nothing that could be checked */
    struct header header;
    memcpy(&header, bytes, sizeof header);
    if (header.size != original)
        return false;
    uint64_t checksum = original * 31 ^ header.seed, different = 0;
    size_t place = sizeof header;
    for (; place + sizeof(uint64_t) <= kept; place += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, bytes + place, sizeof word);
        checksum = checksum * 31 + word;
        different |= word ^ content_word(header.seed, place);
    }
    if (different || (kept == original && checksum != header.checksum))
        return false;
    for (; kept == original && place < kept; place++)
        if (bytes[place] != (header.seed & 0xFF))
            return false;
    return true;
}

static void verify(const struct block *block, const char *where)
{
    if (!content_holds(block->bytes, block->size, block->size))
        fail(block, where);
}

/* --- operations --------------------------------------------------------------------------------------------------- */

static size_t random_size(uint64_t *random)
{
    uint64_t shift = next_random(random) % LARGE_ONE_IN
                         ? next_random(random) % SMALL_SHIFT
                         : SMALL_SHIFT + next_random(random) % (LARGEST_SHIFT - SMALL_SHIFT);
    return ((size_t)1 << shift) - 1 + next_random(random) % ((size_t)1 << shift);
}

static void require(const void *bytes, size_t size, const char *call)
{
    if (!bytes) {
        fprintf(stderr, "stress: %s of %zu bytes gives NULL with %zu bytes live\n", call, size,
                atomic_load(&live_bytes));
        exit(1);
    }
    if (stress_usable_size((void *)(uintptr_t)bytes) < size) {
        fprintf(stderr, "stress: %s of %zu bytes gives a block of %zu\n", call, size,
                stress_usable_size((void *)(uintptr_t)bytes));
        exit(1);
    }
}

static void allocate_zeroed(struct block *block)
{
    block->bytes = stress_calloc(1, block->size);
    require(block->bytes, block->size, "calloc");
    for (size_t i = 0; i < block->size; i++)
        if (block->bytes[i]) {
            fprintf(stderr, "stress: calloc of %zu bytes at %p is not zero at byte %zu\n", block->size,
                    (void *)block->bytes, i);
            exit(1);
        }
}

static void allocate_aligned(struct block *block, uint64_t *random)
{
    size_t alignment = (size_t)16 << next_random(random) % 13; /* to 64 KiB */
    block->bytes = stress_memalign(alignment, block->size);
    require(block->bytes, block->size, "memalign");
    if ((uintptr_t)block->bytes % alignment) {
        fprintf(stderr, "stress: memalign(%zu, %zu) gives %p\n", alignment, block->size, (void *)block->bytes);
        exit(1);
    }
}

static void allocate_block(struct block *block, uint64_t *random)
{
    block->size = random_size(random);
    if (atomic_load_explicit(&live_bytes, memory_order_relaxed) + block->size > options.max_live)
        block->size %= 1024;
    uint64_t kind = next_random(random) % 8;
    if (kind == 0)
        allocate_zeroed(block);
    else if (kind == 1)
        allocate_aligned(block, random);
    else {
        block->bytes = stress_malloc(block->size);
        require(block->bytes, block->size, "malloc");
    }
    atomic_fetch_add_explicit(&live_bytes, block->size, memory_order_relaxed);
    write_content(block, next_random(random));
}

static void free_block(struct block *block)
{
    verify(block, "free");
    atomic_fetch_sub_explicit(&live_bytes, block->size, memory_order_relaxed);
    if (block->size)
        memset(block->bytes, 0xDD,
               block->size < 256 ? block->size : 256); /* stale content must not pass for live content */
    stress_free(block->bytes);
    block->bytes = NULL;
}

static void resize_block(struct block *block, uint64_t *random)
{
    verify(block, "realloc, before");
    size_t size = random_size(random);
    if (size == 0 || atomic_load_explicit(&live_bytes, memory_order_relaxed) + size > options.max_live)
        size = 1;
    unsigned char *moved = stress_realloc(block->bytes, size);
    require(moved, size, "realloc");
    struct block after = {.bytes = moved, .size = size};
    if (!content_holds(moved, block->size, size < block->size ? size : block->size))
        fail(&after, "realloc, after");
    atomic_fetch_add_explicit(&live_bytes, size - block->size, memory_order_relaxed);
    *block = after;
    write_content(block, next_random(random));
}

/* Puts the block into the table and takes out what was there. The struct that travels is a block of the allocator as
 * well. */
static void exchange_block(struct block *block, uint64_t *random)
{
    struct block *travelling = NULL;
    if (block->bytes) {
        travelling = stress_malloc(sizeof *travelling);
        require(travelling, sizeof *travelling, "malloc");
        *travelling = *block;
    }
    struct block *taken =
        atomic_exchange_explicit(&shared[next_random(random) % SHARED_SLOTS], travelling, memory_order_acq_rel);
    block->bytes = NULL;
    if (taken) {
        *block = *taken;
        stress_free(taken);
        verify(block, "taken from another thread");
    }
}

static void one_operation(struct seat *seat)
{
    struct block *block = &seat->own[next_random(&seat->random) % OWN_SLOTS];
    if (next_random(&seat->random) % TRIM_ONE_IN == 0)
        stress_trim(0);
    uint64_t what = next_random(&seat->random) % 16;
    if (what < 5)
        exchange_block(block, &seat->random);
    else if (!block->bytes)
        allocate_block(block, &seat->random);
    else if (what < 8)
        resize_block(block, &seat->random);
    else
        free_block(block);
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

static void *live_and_die(void *argument)
{
    struct seat *seat = argument;
    uint64_t end = seat->done + LIFE_OPERATIONS / 2 + next_random(&seat->random) % LIFE_OPERATIONS;
    if (options.operations && end > options.operations)
        end = options.operations;
    while (seat->done < end && !atomic_load_explicit(&stop, memory_order_relaxed)) {
        one_operation(seat);
        seat->done++;
    }
    return NULL;
}

/* Fills one seat with one thread after the other. */
static void *keep_seat_filled(void *argument)
{
    struct seat *seat = argument;
    while (!atomic_load(&stop) && (!options.operations || seat->done < options.operations)) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, live_and_die, seat) != 0) {
            perror("stress: pthread_create");
            exit(99);
        }
        pthread_join(thread, NULL);
        seat->generations++;
    }
    return NULL;
}

static void *stop_in_time(void *unused)
{
    struct timespec left = {.tv_sec = options.seconds};
    while (nanosleep(&left, &left) != 0) {
    }
    atomic_store(&stop, true);
    return unused;
}

static void free_everything(struct seat *seats)
{
    for (unsigned i = 0; i < options.threads; i++)
        for (size_t j = 0; j < OWN_SLOTS; j++)
            if (seats[i].own[j].bytes)
                free_block(&seats[i].own[j]);
    for (size_t i = 0; i < SHARED_SLOTS; i++) {
        struct block *travelling = atomic_exchange(&shared[i], NULL);
        if (travelling) {
            free_block(travelling);
            stress_free(travelling);
        }
    }
}

static uint64_t number_or_exit(const char *text)
{
    char *end;
    unsigned long long number = strtoull(text, &end, 10);
    if (end == text || *end) {
        fprintf(stderr, "stress: '%s' is not a number\n", text);
        exit(2);
    }
    return number;
}

static void read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"threads", required_argument, NULL, 't'},  {"seconds", required_argument, NULL, 's'},
        {"ops", required_argument, NULL, 'o'},      {"seed", required_argument, NULL, 'r'},
        {"max-live", required_argument, NULL, 'm'}, {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;)
        switch (option) {
        case 't':
            options.threads = (unsigned)number_or_exit(optarg);
            break;
        case 's':
            options.seconds = (unsigned)number_or_exit(optarg);
            break;
        case 'o':
            options.operations = number_or_exit(optarg);
            break;
        case 'r':
            options.seed = number_or_exit(optarg);
            break;
        case 'm':
            options.max_live = (size_t)number_or_exit(optarg) << 20;
            break;
        default:
            exit(2);
        }
    if (options.threads == 0 || (options.seconds == 0 && options.operations == 0)) {
        fprintf(stderr, "stress: needs a thread, and --seconds or --ops\n");
        exit(2);
    }
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    struct seat *seats = calloc(options.threads, sizeof *seats);
    if (!seats)
        return 99;
    pthread_t clock;
    if (options.seconds && (pthread_create(&clock, NULL, stop_in_time, NULL) != 0 || pthread_detach(clock) != 0))
        return 99;
    for (unsigned i = 0; i < options.threads; i++) {
        seats[i].random = options.seed * UINT64_C(0x9E3779B97F4A7C15) + i + 1;
        if (pthread_create(&seats[i].thread, NULL, keep_seat_filled, &seats[i]) != 0) {
            perror("stress: pthread_create");
            return 99;
        }
    }
    uint64_t done = 0;
    unsigned generations = 0;
    for (unsigned i = 0; i < options.threads; i++) {
        pthread_join(seats[i].thread, NULL);
        done += seats[i].done;
        generations += seats[i].generations;
    }
    free_everything(seats);
    if (atomic_load(&live_bytes) != 0) {
        fprintf(stderr, "stress: the test's own account is off by %zu bytes\n", atomic_load(&live_bytes));
        return 1;
    }
    printf("%" PRIu64 " operations by %u threads in %u seats, every block intact" STRESS_UNTRIMMED "\n", done,
           generations, options.threads);
    free(seats);
    return 0;
}
