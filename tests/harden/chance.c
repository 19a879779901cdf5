/* SPDX-License-Identifier: MIT */
/* Addresses by chance (security.randomize).
 *
 *   chance order     blocks of a size are not handed out in order
 *   chance reuse     one that was freed last is seldom the next; each has the same chance
 *   chance places    prints how far the first blocks lie from one another, which differs from run to run
 *   chance children  two children of one process get different blocks
 *   chance use       blocks hold what they should, and are aligned */
#include "tests/harness/tap.h"

#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

/* Not in every C library's <malloc.h>; the library has it. */
extern int malloc_trim(size_t pad) __attribute__((weak));

/* The compiler would take out what is not used. */
static void *(*volatile allocate)(size_t) = malloc;
static void *(*volatile allocate_aligned)(size_t, size_t) = aligned_alloc;
static void *(*volatile resize)(void *, size_t) = realloc;
static void (*volatile release)(void *) = free;

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define BLOCKS 128

/* How many of the blocks lie as far behind the one before as that lay behind its own. */
static unsigned in_order(size_t size)
{
    char *last = allocate(size);
    ptrdiff_t usual = 0;
    unsigned same = 0;
    for (unsigned i = 0; i < BLOCKS; i++) {
        char *block = allocate(size);
        same += block - last == usual;
        usual = block - last;
        last = block;
    }
    return same;
}

static unsigned ascending(size_t size)
{
    char *last = allocate(size);
    unsigned up = 0;
    for (unsigned i = 0; i < BLOCKS; i++) {
        char *block = allocate(size);
        up += block > last;
        last = block;
    }
    return up;
}

static void check_order(void)
{
    for (size_t size = 16; size <= 4 * KIB; size *= 2) {
        unsigned same = in_order(size), up = ascending(size);
        tap_ok(same < BLOCKS / 4 && up > BLOCKS / 4 && up < BLOCKS - BLOCKS / 4,
               "of %u blocks of %zu bytes %u lie in order, and %u behind the one before", BLOCKS, size, same, up);
    }
}

/* Frees one of many, and sees whether the next one is the same. */
static void check_reuse(void)
{
    for (size_t size = 16; size <= KIB; size *= 8) {
        unsigned same = 0;
        for (unsigned i = 0; i < BLOCKS; i++)
            allocate(size);
        for (unsigned i = 0; i < BLOCKS; i++) {
            char *block = allocate(size);
            uintptr_t address = (uintptr_t)block;
            release(block);
            same += (uintptr_t)allocate(size) == address;
        }
        tap_ok(same < BLOCKS / 2, "of %u blocks of %zu bytes that were freed %u came back at once", BLOCKS, size, same);
    }
}

/* How often each block was had. */
static struct chances {
    void *block[1024];
    unsigned times[1024], blocks;
} chances;

static void note_block(void *block)
{
    unsigned place = 0;
    while (place < chances.blocks && chances.block[place] != block)
        place++;
    chances.block[place] = block;
    chances.times[place]++;
    chances.blocks += place == chances.blocks && place + 1 < sizeof chances.block / sizeof chances.block[0];
}

/* Each block that the thread keeps has the same chance: none comes most often, or hardly ever. */
static void check_chances(void)
{
    enum { TIMES = 40000, KEPT = 256 };
    void *some[KEPT]; /* so that the thread has more than it began with */
    for (unsigned i = 0; i < KEPT; i++)
        some[i] = allocate(1000);
    for (unsigned i = 0; i < KEPT; i++)
        release(some[i]);
    for (unsigned i = 0; i < TIMES; i++) {
        void *block = allocate(1000);
        note_block(block);
        release(block);
    }
    unsigned least = TIMES, most = 0;
    for (unsigned i = 0; i < chances.blocks; i++) {
        least = chances.times[i] < least ? chances.times[i] : least;
        most = chances.times[i] > most ? chances.times[i] : most;
    }
    tap_ok(chances.blocks > 30 && most < 2 * TIMES / chances.blocks && least > TIMES / chances.blocks / 2,
           "of %d times each of %u blocks was had %u to %u times", TIMES, chances.blocks, least, most);
}

/* Most of them in slabs of their own. */
static void print_places(void)
{
    static const size_t sizes[] = {16, 256, 4 * KIB, 32 * KIB, 100 * KIB, 300 * KIB, 2 * MIB, 40 * MIB};
    char *first = NULL;
    for (unsigned i = 0; i < 3; i++)
        for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
            char *block = allocate(sizes[j]);
            first = first == NULL ? block : first;
            printf("%td\n", block - first);
        }
}

/* The sum of the addresses of a child's blocks. */
static uint64_t childs_blocks(void)
{
    int ends[2];
    uint64_t sum = 0;
    if (pipe(ends) != 0)
        return 0;
    pid_t child = fork();
    if (child == 0) {
        for (unsigned i = 0; i < 20; i++)
            sum = sum * 31 + (uintptr_t)allocate(200) + (uintptr_t)allocate(200 * KIB);
        _exit(write(ends[1], &sum, sizeof sum) == sizeof sum ? 0 : 1);
    }
    bool got = read(ends[0], &sum, sizeof sum) == sizeof sum;
    close(ends[0]);
    close(ends[1]);
    waitpid(child, NULL, 0);
    return got ? sum : 0;
}

static void check_children(void)
{
    for (unsigned i = 0; i < 1000; i++)
        release(allocate(200));
    uint64_t one = childs_blocks(), other = childs_blocks();
    tap_ok(one != 0 && other != 0 && one != other, "two children get different blocks");
}

static bool holds(const char *block, char byte, size_t size)
{
    return block[0] == byte && memcmp(block, block + 1, size - 1) == 0;
}

static void *use(void *seed)
{
    enum { HELD = 200 };
    char *blocks[HELD] = {0};
    size_t bytes[HELD] = {0};
    uint64_t state = (uintptr_t)seed;
    bool good = true;
    for (unsigned step = 0; step < 30000; step++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        size_t i = (state >> 33) % HELD, size = (state >> 40) % (step % 50 == 0  ? 2 * MIB
                                                                 : step % 7 == 0 ? 60 * KIB
                                                                                 : 500);
        good = good && (blocks[i] == NULL || holds(blocks[i], (char)i, bytes[i]));
        if (blocks[i] == NULL && step % 5 == 0) {
            blocks[i] = allocate_aligned((size_t)16 << step % 10, size + 1);
            good = good && (uintptr_t)blocks[i] % ((size_t)16 << step % 10) == 0;
        } else if (step % 3 == 0) {
            release(blocks[i]);
            blocks[i] = NULL;
            continue;
        } else {
            blocks[i] = resize(blocks[i], size + 1);
        }
        bytes[i] = size + 1;
        memset(blocks[i], (int)i, size + 1);
    }
    for (size_t i = 0; i < HELD; i++)
        release(blocks[i]);
    return good ? NULL : seed;
}

static void check_use(void)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    bool good = true;
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, use, (void *)(uintptr_t)(i + 1));
    pid_t child = fork();
    if (child == 0)
        _exit(use((void *)(uintptr_t)9) != NULL);
    int status = -1;
    waitpid(child, &status, 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        good = good && result == NULL;
    }
    tap_ok(good, "threads' blocks hold what they should");
    tap_ok(status == 0, "a child's as well");
    if (malloc_trim != NULL)
        malloc_trim(0);
    tap_ok(use((void *)(uintptr_t)5) == NULL, "and after a trim");
}

int main(int count, char **argument)
{
    const char *what = count > 1 ? argument[1] : "";
    if (strcmp(what, "places") == 0) {
        print_places();
        return 0;
    }
    if (strcmp(what, "order") == 0)
        check_order();
    if (strcmp(what, "reuse") == 0) {
        check_reuse();
        check_chances();
    }
    if (strcmp(what, "children") == 0)
        check_children();
    if (strcmp(what, "use") == 0)
        check_use();
    return tap_done();
}
