/* SPDX-License-Identifier: MIT */
#include "lib/space/fork_arena.h"

#include "lib/base/os.h"

#include <stdatomic.h>
#include <stdint.h>

/* Mappings at a time. */
#define REGIONS 64
/* Of one for many blocks. What is longer than a quarter of it has a mapping of its own. */
#define REGION_BYTES ((size_t)1 << 20)
#define OWN_REGION_BYTES (REGION_BYTES / 4)

/* Stands before each block. */
struct header {
    _Alignas(BLOCK_ALIGNMENT) size_t bytes;
};

/* The place of a mapping. Who finds `base` at FREE makes it BUSY, maps, sets the rest, and then publishes the address
 * (release; read with acquire). Who frees the last block closes it, unmaps, and makes it FREE. */
enum { FREE, BUSY };

struct region {
    _Atomic uintptr_t base;
    _Atomic size_t bytes;
    /* How much is handed out (upper half) and how many blocks are in use (lower), in one word, so that no block is
     * handed out of a region that is going. CLOSED: none any more. A block that is in use holds the region where it
     * is, so `base` is read anew once it is counted. */
    _Atomic uint64_t state;
};

#define CLOSED UINT64_C(0xFFFFFFFF00000000)
#define USED(state) ((size_t)((state) >> 32))
#define STATE(used, blocks) ((uint64_t)(used) << 32 | (blocks))

static struct region regions[REGIONS];

/* For the statistics alone. */
static _Atomic uint64_t blocks_in_use, bytes_in_use;

static void count_block(size_t bytes)
{
    atomic_fetch_add_explicit(&blocks_in_use, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&bytes_in_use, bytes, memory_order_relaxed);
}

static void uncount_block(size_t bytes)
{
    atomic_fetch_sub_explicit(&blocks_in_use, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&bytes_in_use, bytes, memory_order_relaxed);
}

/* A block out of REGION, which has one for many, or had; NULL if it has no room. */
static void *take_from(struct region *region, size_t size, size_t alignment)
{
    uint64_t state = atomic_load_explicit(&region->state, memory_order_acquire);
    size_t start;
    do {
        start = round_up(USED(state) + sizeof(struct header), alignment);
        if (state >= CLOSED || start + size > REGION_BYTES)
            return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&region->state, &state, STATE(start + size, (uint32_t)state + 1),
                                                    memory_order_acq_rel, memory_order_acquire));
    char *block = (char *)atomic_load_explicit(&region->base, memory_order_acquire) + start;
    ((struct header *)block)[-1].bytes = size;
    return block;
}

/* Maps BYTES at a free place; the region is in STATE then. NULL if there is none, or the memory is refused. */
static struct region *open_region(size_t bytes, size_t alignment, uint64_t state)
{
    for (struct region *region = regions; region < regions + REGIONS; region++) {
        uintptr_t expected = FREE;
        if (!atomic_compare_exchange_strong_explicit(&region->base, &expected, BUSY, memory_order_acquire,
                                                     memory_order_relaxed))
            continue;
        atomic_store_explicit(&region->state, CLOSED, memory_order_relaxed); /* as it is, but before the first use */
        char *base = os_map_aligned(bytes, alignment);
        atomic_store_explicit(&region->bytes, bytes, memory_order_relaxed);
        atomic_store_explicit(&region->base, base != NULL ? (uintptr_t)base : FREE, memory_order_release);
        if (base == NULL)
            return NULL;
        atomic_store_explicit(&region->state, state, memory_order_release);
        return region;
    }
    return NULL;
}

/* A mapping of its own: its one block is in use, and it is closed to others. */
static void *take_own(size_t size, size_t alignment)
{
    size_t start = size_maximum(sizeof(struct header), alignment);
    if (size > PTRDIFF_MAX - start - PAGE_BYTES)
        return NULL;
    struct region *region =
        open_region(round_up(start + size, PAGE_BYTES), size_maximum(alignment, PAGE_BYTES), CLOSED + 1);
    if (region == NULL)
        return NULL;
    char *block = (char *)atomic_load_explicit(&region->base, memory_order_relaxed) + start;
    ((struct header *)block)[-1].bytes = size;
    return block;
}

static bool is_open(const struct region *region)
{
    return atomic_load_explicit(&region->base, memory_order_acquire) > BUSY;
}

static void *take(size_t size, size_t alignment)
{
    if (size > OWN_REGION_BYTES || alignment > PAGE_BYTES)
        return take_own(size, alignment);
    void *block = NULL;
    for (struct region *region = regions; region < regions + REGIONS && block == NULL; region++)
        block = is_open(region) ? take_from(region, size, alignment) : NULL;
    if (block != NULL)
        return block;
    struct region *opened = open_region(REGION_BYTES, PAGE_BYTES, 0);
    return opened != NULL ? take_from(opened, size, alignment) : NULL;
}

void *fork_arena_take(size_t size, size_t alignment)
{
    size = size_maximum(size, BLOCK_ALIGNMENT); /* who leaves it to be freed writes an address into it */
    void *block = take(size, size_maximum(alignment, BLOCK_ALIGNMENT));
    if (block != NULL)
        count_block(size);
    return block;
}

static struct region *region_of(const void *pointer)
{
    for (struct region *region = regions; region < regions + REGIONS; region++) {
        uintptr_t base = atomic_load_explicit(&region->base, memory_order_acquire);
        if (base > BUSY && (uintptr_t)pointer - base < atomic_load_explicit(&region->bytes, memory_order_relaxed))
            return region;
    }
    return NULL;
}

bool fork_arena_owns(const void *pointer)
{
    return region_of(pointer) != NULL;
}

size_t fork_arena_usable(const void *pointer)
{
    return ((const struct header *)pointer)[-1].bytes;
}

void fork_arena_give(void *pointer)
{
    uncount_block(fork_arena_usable(pointer));
    struct region *region = region_of(pointer);
    uint64_t state = atomic_load_explicit(&region->state, memory_order_relaxed), left;
    do
        left = (uint32_t)state == 1 ? CLOSED : state - 1;
    while (!atomic_compare_exchange_weak_explicit(&region->state, &state, left, memory_order_acq_rel,
                                                  memory_order_relaxed));
    if (left != CLOSED)
        return;
    uintptr_t base = atomic_load_explicit(&region->base, memory_order_relaxed);
    size_t bytes = atomic_load_explicit(&region->bytes, memory_order_relaxed);
    atomic_store_explicit(&region->base, BUSY, memory_order_relaxed); /* nobody's while it goes */
    os_unmap((void *)base, bytes);
    atomic_store_explicit(&region->base, FREE, memory_order_release);
}

void fork_arena_count(struct fork_arena_counts *counts)
{
    *counts = (struct fork_arena_counts){
        .blocks = atomic_load_explicit(&blocks_in_use, memory_order_relaxed),
        .block_bytes = atomic_load_explicit(&bytes_in_use, memory_order_relaxed),
    };
    for (struct region *region = regions; region < regions + REGIONS; region++)
        counts->mapped_bytes += is_open(region) ? atomic_load_explicit(&region->bytes, memory_order_relaxed) : 0;
}
