/* SPDX-License-Identifier: MIT */
/* What posix_memalign, aligned_alloc, memalign, valloc and pvalloc promise (posix_memalign(3), POSIX, ISO
 * C23 7.24.3.1). */
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"

#include <errno.h>
#include <unistd.h>

/* A value that errno is set to before a call which has to keep it: no call sets this one. */
#define ERRNO_MARK 4711
#define LARGEST_ALIGNMENT (64 * MIB)

static const size_t sizes[] = {0,    1,    15,       16,       17,           100, 1000,       4095,
                               4096, 4097, 32 * KIB, 64 * KIB, 64 * KIB + 1, MIB, 2 * MIB + 1};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void *by_posix_memalign(size_t alignment, size_t size)
{
    void *block = NULL;
    return under_test.posix_memalign(&block, alignment, size) == 0 ? block : NULL;
}

/* All sizes at one alignment are alive at once, are written to the last usable byte, and go through realloc and
 * calloc's reuse. */
static bool serves_alignment(void *(*allocate)(size_t, size_t), size_t alignment)
{
    char *blocks[SIZES];
    bool good = true;
    for (size_t i = 0; i < SIZES; i++) {
        blocks[i] = allocate(alignment, sizes[i]);
        size_t usable = under_test.usable_size(blocks[i]);
        if (!blocks[i] || (uintptr_t)blocks[i] % alignment != 0 || usable < sizes[i]) {
            tap_note("alignment %zu, size %zu: %p, usable size %zu", alignment, sizes[i], (void *)blocks[i], usable);
            good = false;
        }
        pattern_fill(blocks[i], usable, i);
    }
    for (size_t i = 0; i < SIZES; i++)
        if (!pattern_holds(blocks[i], under_test.usable_size(blocks[i]), i)) {
            tap_note("alignment %zu, size %zu: content lost", alignment, sizes[i]);
            good = false;
        }
    for (size_t i = 0; i < SIZES; i++) {
        if (i % 2) {
            blocks[i] = under_test.realloc(blocks[i], sizes[i] + 5000);
            good = good && blocks[i] && pattern_holds(blocks[i], sizes[i], i);
        }
        under_test.free(blocks[i]);
    }
    return good;
}

static void test_all_alignments(const char *name, void *(*allocate)(size_t, size_t), size_t first)
{
    bool good = true;
    for (size_t alignment = first; alignment <= LARGEST_ALIGNMENT; alignment *= 2)
        good = serves_alignment(allocate, alignment) && good;
    tap_ok(good, "%s: alignments from %zu to 64 MiB at sizes from 0 to 2 MiB", name, first);
}

static void test_many_aligned(void)
{
    enum { COUNT = 20000 };
    static char *blocks[COUNT];
    bool good = true;
    for (size_t i = 0; i < COUNT; i++) {
        size_t alignment = (size_t)8 << i % 10;
        if (under_test.posix_memalign((void **)&blocks[i], alignment, i % 997) != 0 ||
            (uintptr_t)blocks[i] % alignment != 0)
            good = false;
        pattern_fill(blocks[i], i % 997, i);
    }
    for (size_t i = 0; i < COUNT; i++) {
        good = good && pattern_holds(blocks[i], i % 997, i);
        under_test.free(blocks[i]);
    }
    tap_ok(good, "20,000 aligned blocks alive at once keep their content");
}

static void test_posix_memalign_errors(void)
{
    static const size_t bad[] = {0, 1, 2, 4, 3, 12, 24, 48, 4095, 4097, SIZE_MAX, SIZE_MAX - 7, ((size_t)1 << 63) + 8};
    bool refused = true, untouched = true, kept = true;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        void *block = &kept;
        errno = ERRNO_MARK;
        int status = under_test.posix_memalign(&block, bad[i], 100);
        if (status != EINVAL) {
            tap_note("posix_memalign with alignment %zu returns %d", bad[i], status);
            refused = false;
        }
        untouched = untouched && block == &kept;
        kept = kept && errno == ERRNO_MARK;
    }
    tap_ok(refused, "posix_memalign: EINVAL for what is no power of two or no multiple of sizeof(void *)");
    tap_ok(untouched, "posix_memalign leaves the result alone on EINVAL");
    tap_ok(kept, "posix_memalign keeps errno on EINVAL");

    static const size_t alignments[] = {8, 16, 64, 4096, 2 * MIB, (size_t)1 << 62, (size_t)1 << 63};
    static const size_t huge[] = {PTRDIFF_MAX, (size_t)PTRDIFF_MAX + 1, SIZE_MAX - 64, SIZE_MAX};
    refused = untouched = kept = true;
    for (size_t i = 0; i < sizeof alignments / sizeof *alignments; i++)
        for (size_t j = 0; j < sizeof huge / sizeof *huge; j++) {
            void *block = &kept;
            errno = ERRNO_MARK;
            int status = under_test.posix_memalign(&block, alignments[i], huge[j]);
            if (status != ENOMEM) {
                tap_note("posix_memalign(%zu, %zu) returns %d", alignments[i], huge[j], status);
                refused = false;
            }
            untouched = untouched && block == &kept;
            if (errno != ERRNO_MARK) {
                tap_note("posix_memalign(%zu, %zu) sets errno to %d", alignments[i], huge[j], errno);
                kept = false;
            }
        }
    tap_ok(refused, "posix_memalign: ENOMEM for sizes from PTRDIFF_MAX, at alignments to 2^63");
    tap_ok(untouched, "posix_memalign leaves the result alone on ENOMEM");
    tap_ok(kept, "posix_memalign keeps errno on ENOMEM");

    kept = true;
    for (size_t size = 1; size <= 256 * MIB; size *= 4) {
        void *block = NULL;
        errno = ERRNO_MARK;
        kept = kept && under_test.posix_memalign(&block, 64, size) == 0 && errno == ERRNO_MARK;
        under_test.free(block);
    }
    tap_ok(kept, "posix_memalign keeps errno when it succeeds");
}

static void expect_error(const char *what, void *block, int expected)
{
    int error = errno;
    tap_ok(!block && error == expected, "%s gives NULL with errno %d (%p, errno %d)", what, expected, block, error);
    under_test.free(block);
    errno = 0;
}

static void test_aligned_alloc_errors(void)
{
    errno = 0;
    expect_error("aligned_alloc, alignment 0", under_test.aligned_alloc(0, 64), EINVAL);
    expect_error("aligned_alloc, alignment 3", under_test.aligned_alloc(3, 64), EINVAL);
    expect_error("aligned_alloc, alignment 48", under_test.aligned_alloc(48, 96), EINVAL);
    expect_error("aligned_alloc, alignment SIZE_MAX", under_test.aligned_alloc(SIZE_MAX, 64), EINVAL);
    expect_error("aligned_alloc, size PTRDIFF_MAX + 1", under_test.aligned_alloc(64, (size_t)PTRDIFF_MAX + 1), ENOMEM);
    expect_error("aligned_alloc, size SIZE_MAX", under_test.aligned_alloc(4096, SIZE_MAX), ENOMEM);
    expect_error("aligned_alloc, alignment 2^62", under_test.aligned_alloc((size_t)1 << 62, 64), ENOMEM);
    void *block = under_test.aligned_alloc(64, 65);
    tap_ok(block && (uintptr_t)block % 64 == 0, "aligned_alloc takes a size that is no multiple of the alignment");
    under_test.free(block);
}

static void test_memalign(void)
{
    static const size_t odd[][2] = {
        {0, 1},    {1, 1},       {3, 4},       {17, 32},         {24, 32},          {48, 64},
        {65, 128}, {1000, 1024}, {4097, 8192}, {100000, 131072}, {3 * MIB, 4 * MIB}};
    bool rounded = true;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        for (int repeat = 0; repeat < 20; repeat++) {
            void *blocks[2] = {under_test.memalign(odd[i][0], 100), under_test.malloc(100)};
            if (!blocks[0] || (uintptr_t)blocks[0] % odd[i][1] != 0) {
                tap_note("memalign(%zu, 100) gives %p", odd[i][0], blocks[0]);
                rounded = false;
            }
            under_test.free(blocks[repeat % 2]);
            under_test.free(blocks[1 - repeat % 2]);
        }
    tap_ok(rounded, "memalign rounds an alignment that is no power of two up to one");
    static const size_t alignments[] = {1, 24, 4097, ((size_t)1 << 62) + 1, (size_t)1 << 63};
    bool refused = true;
    for (size_t i = 0; i < sizeof alignments / sizeof *alignments; i++)
        for (size_t below = 0; below < 0x10000; below += 0xFFF) {
            errno = 0;
            void *block = under_test.memalign(alignments[i], SIZE_MAX - below);
            refused = refused && block == NULL && errno == ENOMEM;
        }
    tap_ok(refused, "memalign: ENOMEM for sizes from SIZE_MAX - 64 KiB, at any alignment to 2^63");
    errno = 0;
    expect_error("memalign, alignment 2^63", under_test.memalign((size_t)1 << 63, 64), ENOMEM);
    expect_error("memalign, alignment above 2^63", under_test.memalign(((size_t)1 << 63) + 1, 64), EINVAL);
    expect_error("memalign, size SIZE_MAX", under_test.memalign(64, SIZE_MAX), ENOMEM);
    expect_error("memalign, size PTRDIFF_MAX + 1", under_test.memalign(4096, (size_t)PTRDIFF_MAX + 1), ENOMEM);
}

static void test_whole_pages(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    bool aligned = true, whole = true;
    for (size_t i = 0; i < SIZES; i++) {
        char *one = under_test.valloc(sizes[i]), *other = under_test.pvalloc(sizes[i]);
        aligned = aligned && one && other && (uintptr_t)one % page == 0 && (uintptr_t)other % page == 0;
        aligned = aligned && under_test.usable_size(one) >= sizes[i];
        whole = whole && under_test.usable_size(other) >= (sizes[i] + page - 1) / page * page;
        pattern_fill(one, under_test.usable_size(one), 1);
        pattern_fill(other, under_test.usable_size(other), 2);
        aligned = aligned && pattern_holds(one, under_test.usable_size(one), 1);
        under_test.free(one);
        under_test.free(other);
    }
    tap_ok(aligned, "valloc and pvalloc are aligned to the page size at all sizes, 0 among them");
    tap_ok(whole, "pvalloc rounds the size up to whole pages");
    errno = 0;
    expect_error("valloc(SIZE_MAX)", under_test.valloc(SIZE_MAX), ENOMEM);
    expect_error("pvalloc(SIZE_MAX)", under_test.pvalloc(SIZE_MAX), ENOMEM);
    expect_error("pvalloc(PTRDIFF_MAX)", under_test.pvalloc(PTRDIFF_MAX), ENOMEM);
}

int main(int argc, char **argv)
{
    const char *missing = allocator_load(argc > 1 ? argv[1] : "");
    if (missing) {
        tap_ok(false, "%s%s exists", argc > 1 ? argv[1] : "", missing);
        return tap_done();
    }
    test_all_alignments("posix_memalign", by_posix_memalign, sizeof(void *));
    test_all_alignments("aligned_alloc", under_test.aligned_alloc, 1);
    test_all_alignments("memalign", under_test.memalign, 1);
    test_many_aligned();
    test_posix_memalign_errors();
    test_aligned_alloc_errors();
    test_memalign();
    test_whole_pages();
    return tap_done();
}
