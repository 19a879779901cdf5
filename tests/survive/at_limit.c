/* SPDX-License-Identifier: MIT */
/* A program whose need for memory stands still, in blocks of other lengths again and again: each phase's threads fill
 * NEED MiB with blocks of one length, then look at and free those of one another. What an allocator keeps of one
 * phase's memory and cannot use in the next comes on top of the need.
 *
 *   at_limit NEED IDLE
 *
 * IDLE MiB more have been used, and may be taken back by the kernel at any time (MADV_FREE), as page cache may: with
 * those a limit above the need is reached however little comes on top. */
#include "tests/harness/pattern.h"
#include "tests/harness/tap.h"

#include <hakmem/hakmem.h>

#include <pthread.h>
#include <sys/mman.h>

#define THREADS 4
#define ROUNDS 3 /* of all phases */

static const size_t phases[] = {48, 640, 5 * KIB, 40 * KIB, 256 * KIB, 2 * MIB};
#define PHASES (sizeof phases / sizeof *phases)

/* The blocks of a thread are a list: their first words. */
struct block {
    struct block *next;
    uint64_t seed;
    unsigned char rest[];
};

struct part {
    struct block *blocks;
    size_t need, size;
    uint64_t count;
    bool good;
};

static struct part parts[THREADS];
static pthread_barrier_t all_taken;

static struct block *take(const struct part *part)
{
    struct block *block = hak_malloc(part->size);
    if (block == NULL)
        return NULL;
    *block = (struct block){part->blocks, (uintptr_t)block ^ part->count};
    pattern_fill(block->rest, part->size - sizeof *block, block->seed);
    return block;
}

static void take_all(struct part *part)
{
    for (size_t bytes = 0; part->good && bytes < part->need; part->count++) {
        struct block *block = take(part);
        part->good = block != NULL;
        if (block == NULL)
            return;
        part->blocks = block;
        bytes += hak_malloc_usable_size(block);
    }
}

static bool give(struct block *block, size_t size)
{
    bool holds = pattern_holds(block->rest, size - sizeof *block, block->seed);
    hak_free(block);
    return holds;
}

/* First every second block of the list, so that what is free lies between what is not. */
static void give_all(struct part *part)
{
    for (struct block *block = part->blocks; block != NULL && block->next != NULL; block = block->next) {
        struct block *second = block->next;
        block->next = second->next;
        part->good &= give(second, part->size);
    }
    for (struct block *block = part->blocks, *next; block != NULL; block = next) {
        next = block->next;
        part->good &= give(block, part->size);
    }
}

static void *live(void *argument)
{
    struct part *part = argument;
    take_all(part);
    pthread_barrier_wait(&all_taken);
    give_all(&parts[(part - parts + 1) % THREADS]);
    return NULL;
}

/* Returns whether all blocks were there, and kept their bytes; counts them in BLOCKS. */
static bool play_phase(size_t size, size_t need, uint64_t *blocks)
{
    pthread_t threads[THREADS];
    bool good = true;
    for (int i = 0; i < THREADS; i++)
        parts[i] = (struct part){.need = need / THREADS, .size = size, .good = true};
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, live, &parts[i]) != 0)
            _exit(99);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++) {
        good &= parts[i].good;
        *blocks += parts[i].count;
    }
    return good;
}

/* False where the kernel knows of no such memory. */
static bool leave_idle(size_t bytes)
{
#ifdef MADV_FREE
    void *idle = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (idle == MAP_FAILED)
        return false;
    madvise(idle, bytes, MADV_NOHUGEPAGE);
    memset(idle, 1, bytes);
    return madvise(idle, bytes, MADV_FREE) == 0;
#else
    (void)bytes;
    return false;
#endif
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 99;
    size_t need = (size_t)atol(argv[1]) * MIB, idle = (size_t)atol(argv[2]) * MIB;
    uint64_t blocks = 0;
    bool good = true;
    pthread_barrier_init(&all_taken, NULL, THREADS);
    if (!leave_idle(idle)) {
        tap_skip("this kernel takes no memory back by itself");
        return tap_done();
    }
    for (size_t i = 0; good && i < ROUNDS * PHASES; i++)
        good = play_phase(phases[i % PHASES], need, &blocks);
    tap_ok(good, "%llu blocks in %zu phases, %zu MiB at once: all served, and intact", (unsigned long long)blocks,
           ROUNDS * PHASES, need / MIB);
    return tap_done();
}
