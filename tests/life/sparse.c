/* SPDX-License-Identifier: MIT */
/* sparse SCENARIO: large blocks of which little is used, as hash tables, arrays by number and reserved vectors are.
 * Prints the bytes of the pages that were written, and how many bytes are resident for them. */
#include "tests/life/resident.h"

#include <string.h>

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

static size_t page_bytes;

static void *checked(void *block)
{
    if (!block)
        exit(98);
    return block;
}

static size_t whole_pages(size_t bytes)
{
    return (bytes + page_bytes - 1) / page_bytes * page_bytes;
}

/* One byte in each 64 KiB; returns the bytes of the pages that hold them. */
static size_t write_thinly(char *block, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 64 * KIB)
        block[at] = 1;
    return bytes / (64 * KIB) * page_bytes;
}

static void print_table(const char *name, char *table)
{
    size_t before = resident_now(), written = write_thinly(table, GIB);
    printf("%s_written %zu\n%s_resident %zu\n", name, written, name, resident_now() - before);
    free(table);
}

/* Tables of a GiB, one after the other: what one held says nothing against the next. */
static void tables(void)
{
    print_table("first", checked(calloc(1, GIB)));
    print_table("second", checked(calloc(GIB / 16, 16)));
    print_table("uncleared", checked(malloc(GIB)));
    print_table("uncleared_again", checked(malloc(GIB)));
}

/* Blocks that the program writes as a whole do not speak for its tables. */
static void tables_after_dense_blocks(void)
{
    for (size_t bytes = 4 * MIB; bytes <= 128 * MIB; bytes *= 2)
        for (int i = 0; i < 4; i++)
            free(memset(checked(malloc(bytes)), 1, bytes));
    print_table("first", checked(calloc(1, GIB)));
    print_table("second", checked(calloc(1, GIB)));
}

/* 64 buffers of 16 MiB that are filled by a tenth, all at once, and again. */
static void tenths(void)
{
    enum { BUFFERS = 64, ROUNDS = 3 };
    size_t bytes = 16 * MIB, used = whole_pages(bytes / 10), before = resident_now(), most = 0;
    for (int round = 0; round < ROUNDS; round++) {
        char *buffer[BUFFERS];
        for (int i = 0; i < BUFFERS; i++)
            buffer[i] = memset(checked(malloc(bytes)), 1, used);
        most = resident_now() - before > most ? resident_now() - before : most;
        for (int i = 0; i < BUFFERS; i++)
            free(buffer[i]);
    }
    print_bytes("written", BUFFERS * used);
    print_bytes("resident", most);
}

int main(int argc, char **argv)
{
    const char *scenario = argc > 1 ? argv[1] : "";
    page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    if (strcmp(scenario, "tables") == 0)
        tables();
    else if (strcmp(scenario, "tables-after-dense-blocks") == 0)
        tables_after_dense_blocks();
    else if (strcmp(scenario, "tenths") == 0)
        tenths();
    else
        return 99;
    return 0;
}
