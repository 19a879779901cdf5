/* SPDX-License-Identifier: MIT */
#include "lib/base/bootstrap_arena.h"

#include "lib/base/compiler.h"
#include "lib/base/os.h"

#include <stdatomic.h>
#include <stdint.h>

/* Stands before each block. The blocks follow one another, with gaps where one is aligned to more than its header. */
struct header {
    _Alignas(BLOCK_ALIGNMENT) uint32_t bytes;
    uint32_t next;        /* where the next header is in the arena; 0: this is the last */
    _Atomic bool is_free; /* relaxed: only bootstrap_release asks, in the thread that has freed what matters to it */
};

/* Written by the starting thread only, at its first request; NULL where there was none. Others read it to know a block
 * of the arena, which they got from that thread. */
char *bootstrap_arena;
/* The starting thread only. */
static size_t used;
static struct header *first, *last;

static struct header *header_of(void *block)
{
    return (struct header *)block - 1;
}

void *bootstrap_take(size_t bytes, size_t alignment)
{
    if (bootstrap_arena == NULL && (bootstrap_arena = os_map(BOOTSTRAP_BYTES)) == NULL)
        return NULL;
    uintptr_t free_from = (uintptr_t)bootstrap_arena + used + sizeof(struct header);
    size_t start = round_up(free_from, size_maximum(alignment, BLOCK_ALIGNMENT)) - (uintptr_t)bootstrap_arena;
    if (alignment > PAGE_BYTES || bytes > BOOTSTRAP_BYTES || start > BOOTSTRAP_BYTES - bytes)
        return NULL;
    struct header *header = header_of(bootstrap_arena + start);
    header->bytes = (uint32_t)bytes;
    if (last == NULL)
        first = header;
    else
        last->next = (uint32_t)((char *)header - bootstrap_arena);
    last = header;
    used = start + bytes;
    return bootstrap_arena + start;
}

bool bootstrap_owns(const void *pointer)
{
    return bootstrap_arena != NULL && (uintptr_t)pointer - (uintptr_t)bootstrap_arena < BOOTSTRAP_BYTES;
}

size_t bootstrap_usable(const void *pointer)
{
    return ((const struct header *)pointer - 1)->bytes;
}

size_t bootstrap_bytes(void)
{
    return bootstrap_arena != NULL ? BOOTSTRAP_BYTES : 0;
}

void bootstrap_give(void *pointer)
{
    atomic_store_explicit(&header_of(pointer)->is_free, true, memory_order_relaxed);
}

/* The whole pages between offsets START and END of the arena. */
static void discard(size_t start, size_t end)
{
    uintptr_t from = round_up((uintptr_t)bootstrap_arena + start, os_page_bytes);
    uintptr_t to = ((uintptr_t)bootstrap_arena + end) & ~(uintptr_t)(os_page_bytes - 1);
    if (from < to)
        os_discard((void *)from, to - from);
}

void bootstrap_release(void)
{
    size_t in_use_end = 0; /* of the block in use before this one */
    for (struct header *header = first, *next; header != NULL; header = next) {
        next = header->next != 0 ? (struct header *)(bootstrap_arena + header->next) : NULL;
        if (atomic_load_explicit(&header->is_free, memory_order_relaxed))
            continue;
        discard(in_use_end, (size_t)((char *)header - bootstrap_arena));
        in_use_end = (size_t)((char *)(header + 1) - bootstrap_arena) + header->bytes;
    }
    if (bootstrap_arena != NULL)
        discard(in_use_end, BOOTSTRAP_BYTES);
}
