/* SPDX-License-Identifier: MIT */
/* buffers SCENARIO: blocks that are written as far as they were asked for. Prints those bytes, and how many are
 * resident for them: now, or at the most. */
#include "tests/life/resident.h"

#include <string.h>

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

static void *filled(size_t bytes)
{
    void *block = malloc(bytes);
    if (!block)
        exit(98);
    return memset(block, 1, bytes);
}

/* A server's connections: an input buffer of 32 KiB with a header before it, an output buffer, a few strings each. */
static void connections(void)
{
    enum { CONNECTIONS = 2000 };
    static const size_t bytes[] = {32 * KIB + 64, 40000, 700, 90};
    static void *block[CONNECTIONS][4];
    size_t before = resident_now(), asked = 0;
    for (size_t i = 0; i < CONNECTIONS; i++)
        for (size_t j = 0; j < 4; j++) {
            block[i][j] = filled(bytes[j]);
            asked += bytes[j];
        }
    print_bytes("needed", asked);
    print_bytes("resident", resident_now() - before);
    for (size_t i = 0; i < CONNECTIONS; i++)
        for (size_t j = 0; j < 4; j++)
            free(block[i][j]);
}

/* A vector that grows by a tenth each time, by malloc, copy and free. */
static void vector(void)
{
    size_t bytes = MIB, next = 0;
    char *block = filled(bytes);
    for (; bytes < 200 * MIB; bytes = next) {
        next = bytes / 10 * 11;
        char *larger = filled(next);
        memcpy(larger, block, bytes);
        free(block);
        block = larger;
        print_bytes("needed", bytes + next);
        print_bytes("resident", resident_most());
    }
    free(block);
}

int main(int argc, char **argv)
{
    const char *scenario = argc > 1 ? argv[1] : "";
    if (strcmp(scenario, "connections") == 0)
        connections();
    else if (strcmp(scenario, "vector") == 0)
        vector();
    else
        return 99;
    return 0;
}
