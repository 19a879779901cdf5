/* SPDX-License-Identifier: MIT */
#include "lib/harden/zero_size.h"

#include "lib/base/os.h"
#include "lib/base/os_guard.h"
#include "lib/base/report.h"
#include "lib/space/metadata.h"

#include <stdatomic.h>

#define BLOCKS ((size_t)1 << 20)
#define REGION_BYTES (BLOCKS * BLOCK_ALIGNMENT)
#define BLOCKS_MOST (BLOCKS - BLOCKS / 4)
/* So many addresses are tried. With a quarter of them free, all are taken by chance in one of 10^7 searches. */
#define TRIES 64

/* Const after the start; NULL: there are no such blocks. */
static char *region;
static _Atomic uint64_t
    *taken;                   /* a bit for each block: relaxed, since nothing is behind a block that would need order */
static _Atomic uint64_t next; /* relaxed: the block that is tried next, modulo BLOCKS */
static _Atomic uint64_t count; /* relaxed: taken blocks */

void zero_size_start(void)
{
    char *addresses = os_reserve_closed(REGION_BYTES);
    if (addresses == NULL)
        return;
    taken = metadata_new_pages(BLOCKS / 8);
    if (taken == NULL)
        os_unmap(addresses, REGION_BYTES);
    else
        region = addresses;
}

static uint64_t bit_of(size_t block)
{
    return UINT64_C(1) << block % 64;
}

static bool try_take(size_t block)
{
    uint64_t before = atomic_fetch_or_explicit(&taken[block / 64], bit_of(block), memory_order_relaxed);
    return (before & bit_of(block)) == 0;
}

void *zero_size_take(size_t alignment)
{
    size_t step = size_maximum(alignment / BLOCK_ALIGNMENT, 1);
    if (region == NULL || alignment > os_page_bytes ||
        atomic_load_explicit(&count, memory_order_relaxed) >= BLOCKS_MOST)
        return NULL;
    for (unsigned tries = 0; tries < TRIES; tries++) {
        uint64_t first = atomic_fetch_add_explicit(&next, 2 * step - 1, memory_order_relaxed);
        size_t block = round_up(first, step) % BLOCKS;
        if (try_take(block)) {
            atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
            return region + block * BLOCK_ALIGNMENT;
        }
    }
    return NULL;
}

bool zero_size_owns(const void *pointer)
{
    return region != NULL && (uintptr_t)pointer - (uintptr_t)region < REGION_BYTES;
}

static size_t offset_of(const void *pointer)
{
    return (uintptr_t)pointer - (uintptr_t)region;
}

static bool is_start(const void *pointer, const char *function)
{
    size_t inside = offset_of(pointer) % BLOCK_ALIGNMENT;
    if (LIKELY(inside == 0))
        return true;
    report_misuse("%s: %p is not the start of a block (it lies %zu bytes behind one of no bytes)", function, pointer,
                  inside);
    return false;
}

static void report_free(const void *pointer, const char *function)
{
    report_misuse("%s: %s %p, of no bytes", function,
                  function[0] == 'f' ? "double free of block" : "use of freed block", pointer);
}

bool zero_size_is_block(const void *pointer, const char *function)
{
    if (UNLIKELY(!is_start(pointer, function)))
        return false;
    size_t block = offset_of(pointer) / BLOCK_ALIGNMENT;
    if (LIKELY((atomic_load_explicit(&taken[block / 64], memory_order_relaxed) & bit_of(block)) != 0))
        return true;
    report_free(pointer, function);
    return false;
}

void zero_size_give(void *pointer)
{
    if (UNLIKELY(!is_start(pointer, "free")))
        return;
    size_t block = offset_of(pointer) / BLOCK_ALIGNMENT;
    uint64_t before = atomic_fetch_and_explicit(&taken[block / 64], ~bit_of(block), memory_order_relaxed);
    if (UNLIKELY((before & bit_of(block)) == 0))
        report_free(pointer, "free");
    else
        atomic_fetch_sub_explicit(&count, 1, memory_order_relaxed);
}
