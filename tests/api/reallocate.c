/* SPDX-License-Identifier: MIT */
/* What realloc and reallocarray promise (realloc(3), and the GNU C library for a size of 0). */
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"

#include <errno.h>

#define LARGEST (64 * MIB)
/* Above this size, steps are longer: all blocks are mappings of their own, and each costs milliseconds. */
#define LARGE (4 * MIB)

static size_t smaller(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* Moves BLOCK from one size to the other; *GOOD becomes false where content or size is not right. */
static char *resize(char *block, size_t from, size_t to, bool *good)
{
    pattern_fill(block, from, from);
    char *moved = under_test.realloc(block, to);
    if (!moved || !pattern_holds(moved, smaller(from, to), from) || under_test.usable_size(moved) < to ||
        (uintptr_t)moved % 16 != 0) {
        tap_note("realloc from %zu to %zu bytes: %p, usable size %zu", from, to, (void *)moved,
                 under_test.usable_size(moved));
        *good = false;
    }
    return moved;
}

/* Steps of about a tenth cross every size class, page run and mapping on the way. */
static void test_grow_and_shrink(void)
{
    bool grows = true, shrinks = true;
    size_t size = 1;
    char *block = under_test.malloc(size);
    for (size_t next; size < LARGEST; size = next) {
        next = size + 1 + size / (size < LARGE ? 10 : 3);
        block = resize(block, size, next, &grows);
    }
    tap_ok(grows, "realloc that grows step by step from 1 byte to 64 MiB keeps the content");
    for (size_t next; size > 1; size = next) {
        next = size - 1 - size / (size < LARGE ? 11 : 4);
        block = resize(block, size, next, &shrinks);
    }
    tap_ok(shrinks, "realloc that shrinks step by step to 1 byte keeps the content");
    under_test.free(block);
}

/* What the block has room for needs no other block. */
static void test_in_place(void)
{
    bool stays = true, good = true;
    for (size_t size = 1; size <= 32 * KIB; size += 1 + size / 10) {
        char *block = under_test.malloc(size);
        size_t usable = under_test.usable_size(block);
        char *grown = resize(block, size, usable, &good);
        char *back = resize(grown, usable, size, &good);
        if (grown != block || back != block) {
            tap_note("from %zu to %zu bytes and back: %p, %p, %p", size, usable, (void *)block, (void *)grown,
                     (void *)back);
            stays = false;
        }
        under_test.free(back);
    }
    tap_ok(stays && good, "realloc within a block's usable size leaves it where it is");
}

/* A program that asks for a little more than half of what it has, to save the rest, gets it. */
static void test_gives_back(void)
{
    bool good = true, smaller_now = true;
    for (size_t size = 256; size <= 32 * KIB; size *= 2) {
        char *block = resize(under_test.malloc(size), size, size / 2 + size / 32, &good);
        size_t usable = under_test.usable_size(block);
        if (usable > size - size / 4) {
            tap_note("from %zu to %zu bytes: %zu usable", size, size / 2 + size / 32, usable);
            smaller_now = false;
        }
        under_test.free(block);
    }
    tap_ok(good && smaller_now, "realloc to little more than half gives the rest back");
}

/* How often a vector that grows from 1 to 64 KiB by STEP bytes at a time changes its place. */
static unsigned count_moves(size_t step)
{
    unsigned moves = 0;
    char *block = under_test.malloc(KIB);
    for (size_t size = KIB; size < 64 * KIB; size += step) {
        char *grown = under_test.realloc(block, size + step);
        moves += grown != block;
        block = grown;
    }
    under_test.free(block);
    return moves;
}

/* However fine the size classes are, such a vector is moved no more often than with four of them per doubling up to 32
 * KiB and one above. */
static void test_small_steps(void)
{
    static const struct {
        size_t step;
        unsigned most;
    } vectors[] = {{16, 21}, {64, 21}, {1024, 16}};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        unsigned moves = count_moves(vectors[i].step);
        tap_ok(moves <= vectors[i].most, "a vector that grows by %zu bytes at a time from 1 to 64 KiB moves %u times",
               vectors[i].step, moves);
    }
}

/* The room for the next steps is no more than what realloc lets a block keep that shrinks: a quarter, and above 32 KiB
 * half. */
static void test_room_to_grow(void)
{
    bool good = true, stays = true;
    for (size_t size = KIB; size < 60 * KIB; size += 1 + size / 50) {
        char *block = under_test.malloc(size);
        size_t grown_size = under_test.usable_size(block) + 1;
        block = resize(block, size, grown_size, &good);
        size_t usable = under_test.usable_size(block);
        size_t share = grown_size > 32 * KIB ? 2 : 4;
        if (grown_size < usable - usable / share || under_test.realloc(block, grown_size) != block) {
            tap_note("from %zu to %zu bytes: %zu usable", size, grown_size, usable);
            stays = false;
        }
        under_test.free(block);
    }
    tap_ok(good && stays, "a block that grows by a byte has room, but no more than a quarter of it, above 32 KiB half");
}

/* A vector that grows by half each time is copied once on its way from 32 to 64 KiB. */
static void test_growth_by_half(void)
{
    bool once = true;
    for (size_t first = 22 * KIB; first <= 32 * KIB; first += KIB) {
        unsigned moves = 0;
        char *block = under_test.malloc(first);
        for (size_t size = first + first / 2; size <= 64 * KIB; size += size / 2) {
            char *grown = under_test.realloc(block, size);
            moves += grown != block;
            block = grown;
        }
        if (moves != 1) {
            tap_note("from %zu bytes: moved %u times", first, moves);
            once = false;
        }
        under_test.free(block);
    }
    tap_ok(once, "a vector that grows by half moves once between 32 and 64 KiB");
}

enum way { BY_MALLOC, BY_REALLOC, BY_DOUBLING };

static char *make(enum way way, size_t size)
{
    if (way == BY_MALLOC)
        return under_test.malloc(size);
    return under_test.realloc(way == BY_REALLOC ? NULL : under_test.malloc(size / 2), size);
}

/* How many bytes the shortest of some blocks has, as some may be another class's (size_classes.borrow). */
static size_t shortest(enum way way, size_t size)
{
    enum { SOME = 16 };
    char *blocks[SOME];
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < SOME; i++) {
        blocks[i] = make(way, size);
        least = smaller(least, under_test.usable_size(blocks[i]));
    }
    for (size_t i = 0; i < SOME; i++)
        under_test.free(blocks[i]);
    return least;
}

/* Who doubles a vector brings the room, who never grows one needs none. A sixteenth is less than the next class has. */
static void test_exact(void)
{
    bool exact = true;
    for (size_t size = KIB; size <= 64 * KIB; size += 1 + size / 20) {
        size_t usable = shortest(BY_MALLOC, size);
        if (shortest(BY_REALLOC, size) > usable + size / 16 || shortest(BY_DOUBLING, size) > usable + size / 16) {
            tap_note("%zu bytes: %zu usable, and %zu by realloc, %zu doubled", size, usable, shortest(BY_REALLOC, size),
                     shortest(BY_DOUBLING, size));
            exact = false;
        }
    }
    tap_ok(exact, "a block that realloc makes, or doubles, is as long as one of malloc");
}

static void test_jumps(void)
{
    static const size_t sizes[] = {
        1,         16,        100, 1024,    4000,    16 * KIB,       32 * KIB, 32 * KIB + 1, 64 * KIB + 1,
        200 * KIB, 512 * KIB, MIB, MIB + 1, 2 * MIB, 2 * MIB + 4097, 5 * MIB,  33 * MIB};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    bool good = true;
    for (size_t i = 0; i < SIZES; i++)
        for (size_t j = 0; j < SIZES; j++) {
            /* covered step by step above, and each costs tens of milliseconds */
            if (sizes[i] > 8 * MIB && sizes[j] > 8 * MIB && i != j)
                continue;
            char *block = resize(under_test.malloc(sizes[i]), sizes[i], sizes[j], &good);
            under_test.free(block);
        }
    tap_ok(good, "realloc from every kind of block to every other keeps the content");
}

/* A mapping that cannot grow where it is (a neighbour is in the way) must move with its content. */
static void test_mappings_side_by_side(void)
{
    enum { COUNT = 8 };
    char *blocks[COUNT];
    size_t size = 5 * MIB;
    bool good = true;
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = under_test.malloc(size);
        pattern_fill(blocks[i], size, i);
    }
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT; i++) {
            blocks[i] = under_test.realloc(blocks[i], size + 4 * MIB);
            good = good && blocks[i] && pattern_holds(blocks[i], size, i);
            pattern_fill(blocks[i], size + 4 * MIB, i);
        }
        size += 4 * MIB;
    }
    for (size_t i = 0; i < COUNT; i++) {
        good = good && pattern_holds(blocks[i], size, i);
        under_test.free(blocks[i]);
    }
    tap_ok(good, "eight mappings that grow in turns from 5 to 17 MiB keep their content");
}

/* Memory that realloc adds or uncovers may hold anything, but what calloc gives afterwards may not. */
static void test_calloc_after_realloc(void)
{
    bool zero = true;
    for (size_t size = 100; size <= 20 * MIB; size *= 5) {
        char *block = under_test.malloc(size);
        block = under_test.realloc(block, size * 2);
        memset(block, 0xC3, under_test.usable_size(block));
        block = under_test.realloc(block, size / 2);
        char *zeros[4];
        for (size_t i = 0; i < 4; i++) {
            zeros[i] = under_test.calloc(1, size * 2);
            zero = zero && zeros[i] && all_zero(zeros[i], size * 2);
        }
        for (size_t i = 0; i < 4; i++)
            under_test.free(zeros[i]);
        under_test.free(block);
    }
    tap_ok(zero, "calloc gives zeros where realloc shrank or moved dirty blocks");
}

static void test_size_zero(void)
{
    static const size_t sizes[] = {0, 16, 1000, 40 * KIB, 3 * MIB, 40 * MIB};
    bool freed = true;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        void *block = under_test.malloc(sizes[i]);
        freed = freed && under_test.realloc(block, 0) == NULL;
    }
    tap_ok(freed, "realloc(block, 0) gives NULL");
    struct hak_mallinfo2 before = under_test.mallinfo2();
    for (int i = 0; i < 50000; i++)
        freed = under_test.realloc(under_test.malloc(1000), 0) == NULL && freed;
    struct hak_mallinfo2 after = under_test.mallinfo2();
    tap_ok(after.uordblks < before.uordblks + MIB, "realloc(block, 0) frees the block (%zu, then %zu bytes in use)",
           before.uordblks, after.uordblks);
    void *block = under_test.realloc(NULL, 0);
    tap_ok(block != NULL, "realloc(NULL, 0) is malloc(0): a block");
    under_test.free(block);
    block = under_test.realloc(NULL, 5000);
    tap_ok(block && under_test.usable_size(block) >= 5000, "realloc(NULL, size) is malloc(size)");
    under_test.free(block);
}

static void test_failure_keeps_block(void)
{
    static const size_t sizes[] = {10, 1000, 40 * KIB, MIB, 40 * MIB};
    static const size_t refused[] = {PTRDIFF_MAX, (size_t)PTRDIFF_MAX + 1, SIZE_MAX - 15, SIZE_MAX};
    bool null = true, intact = true;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t j = 0; j < sizeof refused / sizeof *refused; j++) {
            void *block = under_test.malloc(sizes[i]);
            pattern_fill(block, sizes[i], i);
            errno = 0;
            void *moved = under_test.realloc(block, refused[j]);
            if (moved || errno != ENOMEM) {
                tap_note("realloc of %zu bytes to %zu: %p, errno %d", sizes[i], refused[j], moved, errno);
                null = false;
                continue;
            }
            intact = intact && pattern_holds(block, sizes[i], i) && under_test.usable_size(block) >= sizes[i];
            under_test.free(block);
        }
    tap_ok(null, "realloc above PTRDIFF_MAX gives NULL with ENOMEM");
    tap_ok(intact, "the block is untouched after a realloc that failed");
}

static void test_reallocarray(void)
{
    char *block = under_test.reallocarray(NULL, 10, 100);
    tap_ok(block && under_test.usable_size(block) >= 1000, "reallocarray(NULL, 10, 100) gives 1,000 bytes");
    pattern_fill(block, 1000, 1);
    block = under_test.reallocarray(block, 1000, 1000);
    tap_ok(block && pattern_holds(block, 1000, 1) && under_test.usable_size(block) >= 1000000,
           "reallocarray grows and keeps the content");
    static const size_t products[][2] = {
        {SIZE_MAX, 2}, {2, SIZE_MAX}, {(size_t)1 << 32, (size_t)1 << 32}, {SIZE_MAX / 4, 5}};
    bool refused = true;
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
        errno = 0;
        refused = under_test.reallocarray(block, products[i][0], products[i][1]) == NULL && errno == ENOMEM && refused;
    }
    tap_ok(refused && pattern_holds(block, 1000, 1),
           "reallocarray whose product overflows gives NULL with ENOMEM and keeps the block");
    tap_ok(under_test.reallocarray(block, 0, 8) == NULL, "reallocarray(block, 0, 8) frees it and gives NULL");
}

static void test_aligned_blocks(void)
{
    bool good = true;
    for (size_t alignment = 16; alignment <= 4 * MIB; alignment *= 4)
        for (size_t size = 10; size <= 4 * MIB; size *= 8) {
            char *block = under_test.memalign(alignment, size);
            block = resize(block, size, size * 2, &good);
            block = resize(block, size * 2, size / 2, &good);
            under_test.free(block);
        }
    tap_ok(good, "realloc of aligned blocks keeps the content");
}

int main(int argc, char **argv)
{
    const char *missing = allocator_load(argc > 1 ? argv[1] : "");
    if (missing) {
        tap_ok(false, "%s%s exists", argc > 1 ? argv[1] : "", missing);
        return tap_done();
    }
    test_grow_and_shrink();
    test_in_place();
    test_gives_back();
    test_small_steps();
    test_room_to_grow();
    test_growth_by_half();
    test_exact();
    test_jumps();
    test_mappings_side_by_side();
    test_calloc_after_realloc();
    test_size_zero();
    test_failure_keeps_block();
    test_reallocarray();
    test_aligned_blocks();
    return tap_done();
}
