/* SPDX-License-Identifier: MIT */
#include "lib/space/checked_heap.h"

#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/base/valgrind.h"

#include <pthread.h>
#include <string.h>

/* Before and behind each block: what a loop that runs over the end by a cache line touches. */
#define RED_ZONE ((size_t)64)
/* Slots have 2^ORDER_LEAST to 2^ORDER_MOST bytes, and are cut out of chunks of as many as the longest. */
#define ORDER_LEAST 8
#define ORDER_MOST 20
#define CHUNK_BYTES ((size_t)1 << ORDER_MOST)
/* So many bytes are freed after a block before its slot is used again: as much as memcheck itself keeps of them. */
#define QUARANTINE_BYTES ((size_t)20000000)

/* A block, or one that was freed. Its address is kept as its complement: memcheck looks for leaks by looking for
 * addresses in memory, and this is not to be one. */
struct checked {
    struct checked *next; /* in its bucket, the quarantine, or a list of unused ones */
    uintptr_t hidden;
    size_t size; /* as asked for */
    char *slot;
    size_t slot_bytes;
};

/* Chains stay short up to a million blocks. */
#define BUCKETS ((size_t)1 << 16)

static struct lock lock = LOCK_INITIALIZER;
/* All below: under `lock`. */
static struct checked **buckets;      /* those in use, by address */
static struct checked *unused;        /* without a slot */
static struct checked *oldest, *last; /* in quarantine */
static size_t quarantine_bytes;
static struct checked *slots[ORDER_MOST + 1]; /* unused slots, by order, each with its struct */
static char *chunk[ORDER_MOST + 1];           /* what is left of the last chunk of each order, up to its end */

static struct checked **bucket_of(const void *pointer)
{
    return &buckets[((uintptr_t)pointer / BLOCK_ALIGNMENT * UINT64_C(0x9E3779B97F4A7C15) >> 32) % BUCKETS];
}

/* The place where the block at POINTER hangs; its chain's end where there is none. */
static struct checked **find(const void *pointer)
{
    struct checked **place = bucket_of(pointer);
    while (*place != NULL && (*place)->hidden != ~(uintptr_t)pointer)
        place = &(*place)->next;
    return place;
}

static struct checked *remove_first(struct checked **list)
{
    struct checked *first = *list;
    if (first != NULL)
        *list = first->next;
    return first;
}

static void add_first(struct checked **list, struct checked *checked)
{
    checked->next = *list;
    *list = checked;
}

/* Without a slot. */
static struct checked *checked_new(void)
{
    if (unused == NULL) {
        struct checked *more = os_map(PAGE_BYTES);
        for (size_t i = 0; more != NULL && i < PAGE_BYTES / sizeof *more; i++)
            add_first(&unused, &more[i]);
    }
    return remove_first(&unused);
}

/* New memory for a slot. */
static char *cut_slot(unsigned order)
{
    size_t bytes = (size_t)1 << order;
    if ((uintptr_t)chunk[order] % CHUNK_BYTES == 0) { /* none so far, or used up */
        chunk[order] = os_map_aligned(CHUNK_BYTES, CHUNK_BYTES);
        if (chunk[order] == NULL)
            return NULL;
        valgrind_forbid(chunk[order], CHUNK_BYTES);
    }
    char *slot = chunk[order];
    chunk[order] = (uintptr_t)(slot + bytes) % CHUNK_BYTES != 0 ? slot + bytes : NULL;
    return slot;
}

static char *map_slot(size_t bytes, size_t alignment)
{
    char *slot = os_map_aligned(bytes, size_maximum(alignment, PAGE_BYTES));
    if (slot != NULL)
        valgrind_forbid(slot, bytes);
    return slot;
}

static unsigned order_of(size_t bytes)
{
    unsigned order = ORDER_LEAST;
    while ((size_t)1 << order < bytes)
        order++;
    return order;
}

/* A slot of at least BYTES; NULL if memory is refused. */
static struct checked *slot_new(size_t bytes, size_t alignment)
{
    bool is_long = bytes > CHUNK_BYTES;
    unsigned order = is_long ? 0 : order_of(bytes);
    struct checked *checked = is_long ? NULL : remove_first(&slots[order]);
    if (checked != NULL)
        return checked;
    checked = checked_new();
    if (checked == NULL)
        return NULL;
    checked->slot_bytes = is_long ? round_up(bytes, PAGE_BYTES) : (size_t)1 << order;
    checked->slot = is_long ? map_slot(checked->slot_bytes, alignment) : cut_slot(order);
    if (checked->slot != NULL)
        return checked;
    add_first(&unused, checked);
    return NULL;
}

static void slot_give(struct checked *checked)
{
    if (checked->slot_bytes <= CHUNK_BYTES) {
        add_first(&slots[order_of(checked->slot_bytes)], checked);
        return;
    }
    os_unmap(checked->slot, checked->slot_bytes);
    add_first(&unused, checked);
}

static void quarantine(struct checked *checked)
{
    checked->next = NULL;
    if (oldest == NULL)
        oldest = checked;
    else
        last->next = checked;
    last = checked;
    quarantine_bytes += checked->slot_bytes;
    while (quarantine_bytes > QUARANTINE_BYTES && oldest != checked) {
        struct checked *gone = remove_first(&oldest);
        quarantine_bytes -= gone->slot_bytes;
        slot_give(gone);
    }
}

static void lock_for_fork(void)
{
    lock_take(&lock);
}

static void unlock_after_fork(void)
{
    lock_release(&lock);
}

static void reset_in_child(void)
{
    lock_reset(&lock);
}

bool checked_heap_start(void)
{
    buckets = os_map(BUCKETS * sizeof *buckets);
    pthread_atfork(lock_for_fork, unlock_after_fork, reset_in_child);
    return buckets != NULL;
}

void *checked_heap_take(size_t size, size_t alignment)
{
    alignment = size_maximum(alignment, BLOCK_ALIGNMENT);
    size_t before = size_maximum(alignment, RED_ZONE); /* a slot that is not long is a multiple of its length */
    if (size > PTRDIFF_MAX - before - RED_ZONE - PAGE_BYTES)
        return NULL;
    size_t bytes = before + size + RED_ZONE;
    lock_take(&lock);
    struct checked *checked = slot_new(size_maximum(bytes, alignment), alignment);
    char *block = checked != NULL ? checked->slot + before : NULL;
    if (block != NULL) {
        checked->hidden = ~(uintptr_t)block;
        checked->size = size;
        add_first(bucket_of(block), checked);
        valgrind_note_block(block, size, RED_ZONE);
    }
    lock_release(&lock);
    return block;
}

void checked_heap_give(void *pointer)
{
    lock_take(&lock);
    struct checked *checked = remove_first(find(pointer));
    valgrind_note_free(pointer, RED_ZONE);
    if (checked != NULL)
        quarantine(checked);
    lock_release(&lock);
}

void *checked_heap_resize(void *pointer, size_t size)
{
    lock_take(&lock);
    const struct checked *checked = *find(pointer);
    size_t old = checked != NULL ? checked->size : 0;
    lock_release(&lock);
    if (checked == NULL) {
        valgrind_note_free(pointer, RED_ZONE);
        return NULL;
    }
    char *block = checked_heap_take(size, BLOCK_ALIGNMENT);
    if (block == NULL)
        return NULL;
    memcpy(block, pointer, size_minimum(old, size));
    checked_heap_give(pointer);
    return block;
}

size_t checked_heap_usable(const void *pointer)
{
    lock_take(&lock);
    const struct checked *checked = *find(pointer);
    size_t size = checked != NULL ? checked->size : 0;
    lock_release(&lock);
    return size;
}
