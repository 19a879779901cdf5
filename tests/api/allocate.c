/* SPDX-License-Identifier: MIT */
/* What malloc, calloc, free, malloc_usable_size and C23's sized frees promise (malloc(3), malloc_usable_size(3), ISO
 * C23 7.24.3). */
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

/* A value that errno is set to before a call which has to keep it: no call sets this one. */
#define ERRNO_MARK 4711

/* Sizes on both sides of every boundary that a size class, slab, page run or mapping may have: powers of two, quarters
 * between them, and each of those one less and one more. */
static size_t boundary_size(size_t index, size_t limit)
{
    size_t power = (size_t)16 << (index / 12);
    size_t size = power + power / 4 * (index / 3 % 4) + index % 3 - 1;
    return size <= limit ? size : 0;
}

static void test_size_zero(void)
{
    void *blocks[1000];
    bool given = true, unique = true;
    for (size_t i = 0; i < 1000; i++) {
        blocks[i] = i % 2 ? under_test.malloc(0) : under_test.calloc(i % 4, i % 4 ? 0 : 7);
        given = given && blocks[i];
        for (size_t j = 0; j < i; j++)
            unique = unique && blocks[i] != blocks[j];
    }
    tap_ok(given, "size 0 gives a block, from malloc and from calloc");
    tap_ok(unique, "1,000 blocks of size 0 are all different");
    for (size_t i = 0; i < 1000; i++)
        under_test.free(blocks[i]);
}

static void expect_refused(void *block, const char *what)
{
    int error = errno;
    tap_ok(!block && error == ENOMEM, "%s gives NULL with ENOMEM (%p, errno %d)", what, block, error);
    under_test.free(block);
    errno = 0;
}

static void test_overflow(void)
{
    static const size_t above[] = {(size_t)PTRDIFF_MAX + 1, SIZE_MAX, SIZE_MAX - 4096, (size_t)PTRDIFF_MAX};
    errno = 0;
    for (size_t i = 0; i < sizeof above / sizeof *above; i++) {
        char what[80];
        snprintf(what, sizeof what, "malloc(%zu)", above[i]);
        expect_refused(under_test.malloc(above[i]), what);
    }
    expect_refused(under_test.calloc(1, SIZE_MAX), "calloc(1, SIZE_MAX)");
    expect_refused(under_test.calloc(SIZE_MAX, 1), "calloc(SIZE_MAX, 1)");
    expect_refused(under_test.calloc(SIZE_MAX / 2, 3), "calloc whose product overflows");
    expect_refused(under_test.calloc((size_t)1 << 32, (size_t)1 << 32), "calloc whose product wraps to exactly 0");
    expect_refused(under_test.calloc(((size_t)1 << 32) + 1, ((size_t)1 << 32) + 1),
                   "calloc whose product wraps to a small size");
    void *after = under_test.malloc(100);
    tap_ok(after != NULL, "a usual request is served after the refused ones");
    under_test.free(after);
}

static void test_free_keeps_errno(void)
{
    static const size_t sizes[] = {0, 16, 1000, 40 * KIB, 300 * KIB, 3 * MIB, 64 * MIB, 300 * MIB};
    bool kept = true;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *block = under_test.malloc(sizes[i]);
        if (block && sizes[i])
            block[0] = block[sizes[i] - 1] = 1;
        errno = ERRNO_MARK;
        under_test.free(block);
        if (errno != ERRNO_MARK) {
            tap_note("free of %zu bytes: errno is %d", sizes[i], errno);
            kept = false;
        }
    }
    tap_ok(kept, "free keeps errno, from 0 bytes to 300 MiB");

    static void *many[20000];
    kept = true;
    for (size_t i = 0; i < 20000; i++)
        many[i] = under_test.malloc(i % 5000);
    for (size_t i = 0; i < 20000; i++) {
        errno = ERRNO_MARK;
        under_test.free(many[i]);
        kept = kept && errno == ERRNO_MARK;
    }
    tap_ok(kept, "free keeps errno in each of 20,000 frees in a row (drains and purges among them)");
    errno = ERRNO_MARK;
    under_test.free(NULL);
    tap_ok(errno == ERRNO_MARK, "free(NULL) does nothing");
}

/* Giving a block back can fail inside, where its pages are locked. Whatever happens there, errno must not show it. */
static void test_free_keeps_errno_on_failure(void)
{
    char *block = under_test.malloc(128 * MIB);
    if (!block) {
        tap_skip("there are no 128 MiB to be had");
        return;
    }
    /* Locked pages make MADV_DONTNEED and MADV_FREE fail with EINVAL. */
    bool locked = mlock(block, 64 * KIB) == 0;
    errno = ERRNO_MARK;
    under_test.free(block);
    bool kept = errno == ERRNO_MARK;
    under_test.trim(0);
    if (locked)
        tap_ok(kept, "free keeps errno where the kernel refuses to take locked pages");
    else
        tap_skip("mlock is not allowed here, so a refused madvise cannot be had");
    munlockall();
}

static void test_blocks(void)
{
    enum { COUNT = 12 * 19 }; /* boundary_size() up to 16 << 18 = 4 MiB */
    static char *blocks[COUNT];
    static size_t sizes[COUNT];
    bool given = true, aligned = true, usable = true, intact = true;
    for (size_t i = 0; i < COUNT; i++) {
        sizes[i] = boundary_size(i, 5 * MIB);
        blocks[i] = under_test.malloc(sizes[i]);
        given = given && blocks[i];
        aligned = aligned && (uintptr_t)blocks[i] % 16 == 0;
        size_t all = under_test.usable_size(blocks[i]);
        if (all < sizes[i]) {
            tap_note("malloc_usable_size is %zu for %zu bytes", all, sizes[i]);
            usable = false;
        }
        pattern_fill(blocks[i], all, i);
    }
    for (size_t i = 0; i < COUNT; i++)
        intact = intact && pattern_holds(blocks[i], under_test.usable_size(blocks[i]), i);
    for (size_t i = 0; i < COUNT; i++)
        under_test.free(blocks[i]);
    tap_ok(given, "malloc serves every boundary size to 5 MiB");
    tap_ok(aligned, "every block is aligned to 16");
    tap_ok(usable, "malloc_usable_size is never less than what was asked for");
    tap_ok(intact, "every usable byte can be written, and no block overlaps another");
    tap_ok(under_test.usable_size(NULL) == 0, "malloc_usable_size(NULL) is 0");
}

static void test_every_small_size(void)
{
    bool good = true, steady = true;
    for (size_t size = 0; size <= 70000; size += size < 5000 ? 1 : 61) {
        char *block = under_test.malloc(size);
        size_t usable = under_test.usable_size(block);
        good = good && block && (uintptr_t)block % 16 == 0 && usable >= size;
        pattern_fill(block, usable, size);
        steady = steady && under_test.usable_size(block) == usable && pattern_holds(block, usable, size);
        under_test.free(block);
    }
    tap_ok(good, "sizes 0 to 70,000: served, aligned, large enough");
    tap_ok(steady, "writing all of a block changes neither it nor its usable size");
}

static void test_many_live_blocks(void)
{
    enum { COUNT = 200000 };
    static char *blocks[COUNT];
    bool intact = true;
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = under_test.malloc(i % 300);
        pattern_fill(blocks[i], i % 300, i);
    }
    for (size_t i = 0; i < COUNT; i += 2) {
        intact = intact && pattern_holds(blocks[i], i % 300, i);
        under_test.free(blocks[i]);
        blocks[i] = under_test.calloc(1, i % 700);
        intact = intact && all_zero(blocks[i], i % 700);
    }
    for (size_t i = 1; i < COUNT; i += 2)
        intact = intact && pattern_holds(blocks[i], i % 300, i);
    for (size_t i = 0; i < COUNT; i++)
        under_test.free(blocks[i]);
    tap_ok(intact, "200,000 live blocks keep their content while half of them are replaced");
}

/* Blocks are dirtied to their last usable byte, freed, and asked for again as zeros: several at a time, so that they
 * come out of caches, slabs and kept mappings alike. */
static void test_calloc_after_dirty(void)
{
    enum { BATCH = 8 };
    bool zero = true;
    for (size_t index = 0; index < 12 * 23; index++) {
        size_t size = boundary_size(index, 64 * MIB + 1);
        /* around powers of two is enough where each costs tens of milliseconds */
        if (size > 4 * MIB && index % 12 > 2)
            continue;
        size_t batch = size > MIB ? 1 : BATCH;
        char *blocks[BATCH];
        for (size_t i = 0; i < batch && size; i++) {
            blocks[i] = under_test.malloc(size);
            memset(blocks[i], 0xA5, under_test.usable_size(blocks[i]));
        }
        for (size_t i = 0; i < batch && size; i++)
            under_test.free(blocks[i]);
        for (size_t i = 0; i < batch && size; i++) {
            blocks[i] = under_test.calloc(size, 1);
            if (!blocks[i] || !all_zero(blocks[i], size)) {
                tap_note("calloc(%zu, 1) is not all zero", size);
                zero = false;
            }
            memset(blocks[i], 0x5A, size);
        }
        for (size_t i = 0; i < batch && size; i++)
            under_test.free(blocks[i]);
    }
    tap_ok(zero, "calloc gives zeros where dirty blocks were freed before, at every boundary size to 64 MiB");

    enum { MANY = 8192 };
    static char *many[MANY];
    for (size_t i = 0; i < MANY; i++)
        memset(many[i] = under_test.malloc(512), 0xA5, 512);
    for (size_t i = 0; i < MANY; i++)
        under_test.free(many[i]);
    zero = true;
    for (size_t i = 0; i < MANY / 8; i++) {
        many[i] = under_test.calloc(1, 2048);
        zero = zero && many[i] && all_zero(many[i], 2048);
    }
    tap_ok(zero, "calloc gives zeros where the memory was other sizes' before");
    for (size_t i = 0; i < MANY / 8; i++)
        under_test.free(many[i]);

    void *block = under_test.calloc(1000, 1000);
    tap_ok(block && under_test.usable_size(block) >= 1000000 && all_zero(block, 1000000),
           "calloc(1000, 1000) is a million zeros");
    under_test.free(block);
}

static void test_sized_frees(void)
{
    if (!under_test.free_sized || !under_test.free_aligned_sized) {
        tap_skip("this C library has no free_sized and free_aligned_sized");
        return;
    }
    bool kept = true;
    for (size_t round = 0; round < 3; round++)
        for (size_t index = 0; index < 12 * 18; index++) {
            size_t size = boundary_size(index, 4 * MIB);
            size_t alignment = (size_t)16 << index % 12;
            void *plain = under_test.malloc(size), *zeros = under_test.calloc(1, size);
            void *aligned = under_test.aligned_alloc(alignment, size);
            pattern_fill(plain, size, index);
            pattern_fill(aligned, size, index);
            errno = ERRNO_MARK;
            under_test.free_sized(plain, size);
            under_test.free_sized(zeros, size);
            under_test.free_aligned_sized(aligned, alignment, size);
            kept = kept && errno == ERRNO_MARK;
        }
    under_test.free_sized(NULL, 0);
    under_test.free_sized(NULL, 100);
    under_test.free_aligned_sized(NULL, 64, 100);
    tap_ok(kept, "free_sized and free_aligned_sized take back blocks of all sizes and keep errno");
    void *empty = under_test.malloc(0);
    under_test.free_sized(empty, 0);
    tap_ok(empty != NULL, "free_sized takes a block of size 0");
}

/* Sized frees that forgot to give anything back would still pass the test above. */
static void test_sized_frees_give_back(void)
{
    if (!under_test.free_sized)
        return;
    size_t before = under_test.mallinfo2().uordblks;
    for (int i = 0; i < 100000; i++)
        under_test.free_sized(under_test.malloc(1000), 1000);
    size_t after = under_test.mallinfo2().uordblks;
    tap_ok(after < before + MIB, "100,000 blocks given to free_sized are not in use any more");
}

int main(int argc, char **argv)
{
    const char *missing = allocator_load(argc > 1 ? argv[1] : "");
    if (missing) {
        tap_ok(false, "%s%s exists", argc > 1 ? argv[1] : "", missing);
        return tap_done();
    }
    test_size_zero();
    test_overflow();
    test_free_keeps_errno();
    test_free_keeps_errno_on_failure();
    test_blocks();
    test_every_small_size();
    test_many_live_blocks();
    test_calloc_after_dirty();
    test_sized_frees();
    test_sized_frees_give_back();
    return tap_done();
}
