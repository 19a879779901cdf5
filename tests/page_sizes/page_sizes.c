/* SPDX-License-Identifier: MIT */
/* Whether page_sizes/kernel.c is strict: what is right by the pages of the kernel below, and wrong by larger ones, must
 * not pass. And the first allocation of a program, valloc's, which has to know the page size already. */
#include "tests/harness/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#define SMALL_PAGE 4096
#define MIB ((size_t)1 << 20)

static size_t page; /* what the kernel claims */

static char *map(size_t bytes)
{
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static bool is_refused(bool refused)
{
    bool invalid = refused && errno == EINVAL;
    errno = 0;
    return invalid;
}

/* The real kernel tells: it cannot read from an address that is not mapped. */
static bool is_mapped(const char *address)
{
    int ends[2];
    if (pipe(ends) != 0)
        _exit(99);
    bool mapped = write(ends[1], address, 1) == 1;
    close(ends[0]);
    close(ends[1]);
    return mapped;
}

static void test_page_size(void)
{
    size_t huge = 0;
    char text[32] = "";
    int file = open("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", O_RDONLY);
    if (file >= 0 && read(file, text, sizeof text - 1) > 0)
        huge = strtoul(text, NULL, 10);
    close(file);
    tap_ok(getauxval(AT_PAGESZ) == page && (size_t)getpagesize() == page, "the page has %zu bytes, whoever is asked",
           page);
    tap_ok(huge == page / 8 * page, "a huge page has %zu bytes", huge);
}

static void test_places(void)
{
    bool aligned = true;
    for (size_t i = 1; i <= 100; i++)
        aligned = aligned && (uintptr_t)map(i * SMALL_PAGE) % page == 0;
    tap_ok(aligned, "mappings begin at a page");
    char *first = map(16 * page), *moved;
    memset(first, 1, 16 * page);
    moved = mremap(first, 16 * page, 64 * MIB, MREMAP_MAYMOVE);
    tap_ok(moved != MAP_FAILED && (uintptr_t)moved % page == 0 && moved[16 * page - 1] == 1,
           "so do those that mremap moves");
    munmap(moved, 64 * MIB);
}

static void test_refusals(void)
{
    char *mapping = map(MIB), *inside = mapping + SMALL_PAGE;
    unsigned char resident[MIB / SMALL_PAGE];
    tap_ok(is_refused(munmap(inside, page) != 0), "munmap refuses an address inside a page");
    tap_ok(is_refused(madvise(inside, page, MADV_DONTNEED) != 0), "madvise does");
    tap_ok(is_refused(mprotect(inside, page, PROT_NONE) != 0), "mprotect does");
    tap_ok(is_refused(mincore(inside, page, resident) != 0), "mincore does");
    tap_ok(is_refused(mremap(inside, page, page, MREMAP_MAYMOVE) == MAP_FAILED), "mremap does");
    tap_ok(is_refused(mremap(mapping, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, inside) == MAP_FAILED),
           "mremap refuses such a target");
    tap_ok(is_refused(mmap(inside, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED),
           "mmap with MAP_FIXED does");
    munmap(mapping, MIB);
}

static void test_lengths(void)
{
    char *mapping = map(MIB);
    unsigned char resident[MIB / SMALL_PAGE] = {0};
    memset(mapping, 1, MIB);
    madvise(mapping, SMALL_PAGE, MADV_DONTNEED);
    tap_ok(mapping[page - 1] == 0 && mapping[page] == 1, "who discards a part of a page discards the whole page");
    mapping[page - 1] = 1;
    mincore(mapping, MIB, resident);
    bool all = true;
    for (size_t i = 0; i < MIB / SMALL_PAGE; i++)
        all = all && resident[i] == (i < MIB / page);
    tap_ok(all, "mincore reports whole pages");
    munmap(mapping + MIB - page, SMALL_PAGE);
    tap_ok(is_mapped(mapping + MIB - page - 1) && !is_mapped(mapping + MIB - 1),
           "who unmaps a part of a page unmaps the whole page");
    munmap(mapping, MIB - page);
}

int main(int argc, char **argv)
{
    page = (size_t)sysconf(_SC_PAGESIZE);
    if (argc > 1 && strcmp(argv[1], "valloc") == 0) {
        tap_ok((uintptr_t)valloc(1) % page == 0, "the first block, valloc's, begins at a page");
        return tap_done();
    }
    test_page_size();
    test_places();
    test_refusals();
    test_lengths();
    return tap_done();
}
