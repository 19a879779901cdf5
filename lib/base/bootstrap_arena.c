/* SPDX-License-Identifier: MIT */
#include "lib/base/bootstrap_arena.h"

#include "lib/base/compiler.h"
#include "lib/base/os.h"

#include <stdatomic.h>
#include <stdint.h>

/* Reading the default profile takes 76 KB in all, and the worst texts of the largest size that is read (64 KiB) took
 * 331 KB. Pages that are not touched cost nothing. */
#define ARENA_BYTES ((size_t)1 << 20)

/* Stands before each block. The blocks follow one another, with gaps where one is aligned to more than its header. */
struct header {
    _Alignas(BLOCK_ALIGNMENT) uint32_t bytes;
    uint32_t next;        /* where the next header is in the arena; 0: this is the last */
    _Atomic bool is_free; /* relaxed: only bootstrap_release asks, in the thread that has freed what matters to it */
};

/* Written by the starting thread only, at its first request; NULL where there was none. Others read it to know a block
 * of the arena, which they got from that thread. */
static char *arena;
/* The starting thread only. */
static size_t used;
static struct header *first, *last;

static struct header *header_of(void *block)
{
    return (struct header *)block - 1;
}

void *bootstrap_take(size_t bytes, size_t alignment)
{
    if (arena == NULL && (arena = os_map(ARENA_BYTES)) == NULL)
        return NULL;
    uintptr_t free_from = (uintptr_t)arena + used + sizeof(struct header);
    size_t start = round_up(free_from, size_maximum(alignment, BLOCK_ALIGNMENT)) - (uintptr_t)arena;
    if (alignment > PAGE_BYTES || bytes > ARENA_BYTES || start > ARENA_BYTES - bytes)
        return NULL;
    struct header *header = header_of(arena + start);
    header->bytes = (uint32_t)bytes;
    if (last == NULL)
        first = header;
    else
        last->next = (uint32_t)((char *)header - arena);
    last = header;
    used = start + bytes;
    return arena + start;
}

bool bootstrap_owns(const void *pointer)
{
    return arena != NULL && (uintptr_t)pointer - (uintptr_t)arena < ARENA_BYTES;
}

size_t bootstrap_usable(const void *pointer)
{
    return ((const struct header *)pointer - 1)->bytes;
}

size_t bootstrap_bytes(void)
{
    return arena != NULL ? ARENA_BYTES : 0;
}

void bootstrap_give(void *pointer)
{
    atomic_store_explicit(&header_of(pointer)->is_free, true, memory_order_relaxed);
}

/* The whole pages between offsets START and END of the arena. */
static void discard(size_t start, size_t end)
{
    uintptr_t from = round_up((uintptr_t)arena + start, os_page_bytes);
    uintptr_t to = ((uintptr_t)arena + end) & ~(uintptr_t)(os_page_bytes - 1);
    if (from < to)
        os_discard((void *)from, to - from);
}

void bootstrap_release(void)
{
    size_t in_use_end = 0; /* of the block in use before this one */
    for (struct header *header = first, *next; header != NULL; header = next) {
        next = header->next != 0 ? (struct header *)(arena + header->next) : NULL;
        if (atomic_load_explicit(&header->is_free, memory_order_relaxed))
            continue;
        discard(in_use_end, (size_t)((char *)header - arena));
        in_use_end = (size_t)((char *)(header + 1) - arena) + header->bytes;
    }
    if (arena != NULL)
        discard(in_use_end, ARENA_BYTES);
}
