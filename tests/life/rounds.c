/* SPDX-License-Identifier: MIT */
/* rounds SCENARIO: a program that needs the same memory again and again, and frees all of it in between. Prints the
 * pages that a round writes, and the page faults of a round of the later half, their median: by then they should be
 * none, since refaults have proven all of it. A round that other programs hold up for longer than purge.delay lets
 * memory age, and the next one has faults: not so most of them. */
#include "tests/life/resident.h"

#include <stdbool.h>
#include <string.h>

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)
#define ROUNDS 24
#define MANY 250000

static struct way {
    const char *scenario;
    size_t bytes, count; /* of blocks that live at once */
    bool grows;          /* to BYTES, a COUNT-th at a time, by realloc */
} way;

static void *blocks[MANY];

static void *filled(void *block, size_t bytes)
{
    if (!block)
        exit(98);
    return memset(block, 1, bytes);
}

static void one_round(void)
{
    if (way.grows) {
        void *block = NULL;
        for (size_t step = 1; step <= way.count; step++)
            block = filled(realloc(block, way.bytes / way.count * step), way.bytes / way.count * step);
        free(block);
        return;
    }
    for (size_t i = 0; i < way.count; i++)
        blocks[i] = filled(malloc(way.bytes), way.bytes);
    for (size_t i = 0; i < way.count; i++)
        free(blocks[i]);
}

static size_t faults(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        exit(99);
    return (size_t)usage.ru_minflt;
}

static int in_order(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return (left > right) - (left < right);
}

/* The upper median of the later half. */
static size_t faults_of_a_round(void)
{
    size_t later[ROUNDS / 2];
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t before = faults();
        one_round();
        if (round >= ROUNDS / 2)
            later[round - ROUNDS / 2] = faults() - before;
    }
    qsort(later, ROUNDS / 2, sizeof later[0], in_order);
    return later[ROUNDS / 4];
}

int main(int argc, char **argv)
{
    static const struct way ways[] = {
        {"small", 1000, 64000, false},     {"many-small", 1000, 200000, false}, {"buffers", 40000, 2000, false},
        {"run", 20 * MIB, 1, false},       {"runs", 4 * MIB, 16, false},        {"many-runs", 4 * MIB, 50, false},
        {"long-runs", 8 * MIB, 25, false}, {"mapping", 34 * MIB, 1, false},     {"long-mapping", 100 * MIB, 1, false},
        {"mappings", 36 * MIB, 4, false},  {"realloc", 20 * MIB, 20, true},
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (argc > 1 && strcmp(argv[1], ways[i].scenario) == 0)
            way = ways[i];
    if (!way.scenario)
        return 99;
    size_t bytes = way.grows ? way.bytes : way.bytes * way.count;
    print_bytes("pages", bytes / (size_t)sysconf(_SC_PAGESIZE));
    print_bytes("faults", faults_of_a_round());
    return 0;
}
