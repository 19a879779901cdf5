/* SPDX-License-Identifier: MIT */
/* Resident memory for each byte that was asked for, size by size: blocks of one size, in a process of their own. Sizes
 * just above a step of the size classes are the worst, since all that is behind the next step is theirs. Blocks of a
 * size class are written up to their end, as if their memory had been used before.
 *
 * Needs a kernel with pages of 4 KiB and /proc/self/smaps_rollup. */
#include "tests/harness/tap.h"

#include <fcntl.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define SMALL_MOST (64 * KIB) /* what is longer is no block of a size class */
#define LONGEST (8 * MIB)
#define BYTES_OF_A_SIZE (32 * MIB)
#define BLOCKS_LEAST 4
#define STEPS 8 /* of each doubling */

static double *ratio; /* shared with the children: what the last one measured */

/* Read without allocating. In bytes; 0 where the kernel does not say. */
static size_t resident(void)
{
    char text[4096];
    int file = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? 0 : read(file, text, sizeof text - 1);
    if (file >= 0)
        close(file);
    text[length > 0 ? length : 0] = '\0';
    const char *line = strstr(text, "\nRss:");
    return line ? strtoul(line + strlen("\nRss:"), NULL, 10) * KIB : 0;
}

static void allocate(size_t size)
{
    char *volatile block = malloc(size); /* volatile: the compiler would take SIZE for all that may be written */
    if (!block)
        _exit(98);
    memset(block, 1, size <= SMALL_MOST ? malloc_usable_size(block) : size);
}

/* Blocks of the sizes in turn, COUNT of each; and what became resident for a byte. */
static double measure(const size_t *sizes, size_t kinds, size_t count)
{
    size_t asked = 0, before = resident();
    for (size_t i = 0; i < count * kinds; i++) {
        size_t size = sizes[i % kinds];
        allocate(size);
        asked += size;
    }
    return (double)(resident() - before) / (double)asked;
}

/* In a child, whose heap is as good as new: the parent has none. */
static double measure_in_child(const size_t *sizes, size_t kinds, size_t count)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        free(malloc(sizes[0])); /* the thread's cache and the first SuperSlab are not its */
        *ratio = measure(sizes, kinds, count);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        tap_note("the child for %zu bytes ended with status %d", sizes[0], status);
        return 1e9;
    }
    return *ratio;
}

static double measure_size(size_t size)
{
    size_t count = BYTES_OF_A_SIZE / size;
    return measure_in_child(&size, 1, count > BLOCKS_LEAST ? count : BLOCKS_LEAST);
}

/* One byte above each eighth of each doubling. */
static void test_sizes(void)
{
    double worst = 0, sum = 0;
    size_t worst_size = 0, small = 0;
    for (size_t base = KIB; base < LONGEST; base *= 2)
        for (size_t step = 0; step < STEPS; step++) {
            size_t size = base + base / STEPS * step + 1;
            double of_size = measure_size(size);
            sum += size <= SMALL_MOST ? of_size : 0;
            small += size <= SMALL_MOST;
            if (of_size > worst) {
                worst = of_size;
                worst_size = size;
            }
        }
    tap_ok(worst <= 1.25, "no size from 1 KiB to 8 MiB takes more than 1.25 times (the most: %zu bytes, %.3f times)",
           worst_size, worst);
    tap_ok(sum / (double)small <= 1.13, "up to 64 KiB they take 1.13 times on average at most (%.3f)",
           sum / (double)small);
}

/* A server with 2,000 connections. */
static void test_buffers(void)
{
    static const size_t sizes[] = {32 * KIB + 64, 40000};
    double of_buffers = measure_in_child(sizes, 2, 2000);
    tap_ok(of_buffers <= 1.1, "2,000 buffers of 32,832 and 40,000 bytes take 1.1 times at most (%.3f)", of_buffers);
}

int main(void)
{
    ratio = mmap(NULL, sizeof *ratio, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (ratio == MAP_FAILED)
        return 99;
    test_sizes();
    test_buffers();
    return tap_done();
}
