/* SPDX-License-Identifier: MIT */
/* bursts SCENARIO: threads that all at once have blocks which grow, write little of them, and free them again, as
 * servers do whose requests arrive together. Prints the most bytes that were resident. */
#include "tests/life/resident.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)
#define THREADS 60
#define BURSTS 4

static pthread_barrier_t together;

static struct way {
    const char *scenario;
    size_t first, last; /* bytes of a block */
    size_t percent;     /* each is so much of the one before */
    size_t written;     /* a share of it, one in so many bytes */
    bool reallocates;   /* else by malloc and free */
} way;

static void write_little(char *block, size_t bytes)
{
    if (!block)
        exit(98);
    memset(block, 1, bytes / way.written);
}

static char *grow(char *block, size_t bytes)
{
    char *larger = way.reallocates ? realloc(block, bytes) : malloc(bytes);
    write_little(larger, bytes);
    if (!way.reallocates)
        free(block);
    return larger;
}

static void *take_part(void *nothing)
{
    for (int burst = 0; burst < BURSTS; burst++) {
        char *block = NULL;
        for (size_t bytes = way.first; bytes <= way.last; bytes = bytes * way.percent / 100) {
            pthread_barrier_wait(&together);
            block = grow(block, bytes);
        }
        pthread_barrier_wait(&together);
        free(block);
    }
    return nothing;
}

int main(int argc, char **argv)
{
    static const struct way ways[] = {
        {"buffers", 256, 64 * KIB, 200, 8, false},
        {"buffers-by-realloc", 256, 64 * KIB, 200, 8, true},
        {"buffers-by-tenths", 500, 64 * KIB, 110, 8, false},
        {"large", 64 * KIB, 8 * MIB, 200, 10, false},
        {"large-by-realloc", 64 * KIB, 8 * MIB, 200, 10, true},
        {"large-by-thirds", 70 * KIB, 8 * MIB, 133, 10, false},
        {"mappings", 8 * MIB, 64 * MIB, 200, 16, false},
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (argc > 1 && strcmp(argv[1], ways[i].scenario) == 0)
            way = ways[i];
    if (!way.scenario)
        return 99;
    pthread_t thread[THREADS];
    pthread_barrier_init(&together, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&thread[i], NULL, take_part, NULL) != 0)
            return 97;
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    print_bytes("most", resident_most());
    return 0;
}
