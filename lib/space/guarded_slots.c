/* SPDX-License-Identifier: MIT */
#include "lib/space/guarded_slots.h"

#include "lib/base/gate.h"
#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/base/os_guarded.h"
#include "lib/space/metadata.h"
#include "lib/space/page_map.h"

#include <string.h>

/* What all live blocks' pages may take, and all slots' descriptions; with the tables of the kernel and what is
 * remembered for walks of stacks that stays below 1 MiB. Three of four slots are free ones at any time. */
#define LIVE_BYTES ((size_t)512 << 10)
#define SLOTS_MOST 512u
#define SLOTS_PER_LIVE 4
_Static_assert(SLOTS_MOST * sizeof(struct guarded_slot) <= (size_t)280 << 10, "see above");

/* Const after the start. */
static char *region; /* a guard page, and then for each slot its page and a guard page; NULL: there is none */
static size_t region_bytes;
static struct guarded_slot *slots;
static uint32_t slot_count, live_most;

struct guarded_counts guarded_counts;

/* Taken inside of the gate, so that no fork comes between. */
static struct lock lock = LOCK_INITIALIZER;
static uint16_t queue[SLOTS_MOST]; /* of the free slots, a ring; under `lock` */
static uint32_t queue_first;       /* the oldest; under `lock` */
static uint32_t queued;            /* of these; under `lock` */
static _Atomic bool has_left;      /* relaxed: slots that are GUARDED_LEFT, and to be queued */

static void add(_Atomic uint64_t *counter, uint64_t more)
{
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static void set_state(struct guarded_slot *slot, enum guarded_state state)
{
    atomic_store_explicit(&slot->state, (uint8_t)state, memory_order_release);
}

/* --- the start ---------------------------------------------------------------------------------------------------- */

static bool reserve(void)
{
    region_bytes = round_up((2 * (size_t)slot_count + 1) * os_page_bytes, PAGE_BYTES);
    char *base = os_reserve_forbidden(region_bytes, PAGE_BYTES);
    slots = metadata_new_pages(round_up(slot_count * sizeof *slots, METADATA_PAGE));
    if (base != NULL && slots != NULL && page_map_set(base, region_bytes >> PAGE_SHIFT, PAGE_GUARDED, NULL)) {
        region = base;
        return true;
    }
    if (base != NULL)
        os_unmap(base, region_bytes);
    return false;
}

bool guarded_slots_start(void)
{
    live_most = (uint32_t)(LIVE_BYTES / os_page_bytes);
    slot_count = (uint32_t)size_minimum(SLOTS_MOST, (size_t)live_most * SLOTS_PER_LIVE);
    if (!reserve())
        return false;
    for (uint32_t i = 0; i < slot_count; i++)
        queue[i] = (uint16_t)i;
    queued = slot_count;
    return true;
}

/* --- free slots --------------------------------------------------------------------------------------------------- */

/* Under `lock`. */
static void put_into_queue(struct guarded_slot *slot)
{
    queue[(queue_first + queued++) % slot_count] = (uint16_t)(slot - slots);
}

/* Under `lock`. Those that a fork has kept from here. */
static COLD void put_left(void)
{
    atomic_store_explicit(&has_left, false, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst); /* who leaves one from here on is seen below, or has set it again */
    for (uint32_t i = 0; i < slot_count; i++) {
        if (guarded_slot_state(&slots[i]) == GUARDED_LEFT) {
            set_state(&slots[i], GUARDED_FREED);
            put_into_queue(&slots[i]);
        }
    }
}

static void put_back(struct guarded_slot *slot)
{
    if (UNLIKELY(!gate_enter())) {
        set_state(slot, GUARDED_LEFT);
        atomic_thread_fence(memory_order_seq_cst); /* with that of put_left */
        atomic_store_explicit(&has_left, true, memory_order_relaxed);
        return;
    }
    lock_take(&lock);
    put_into_queue(slot);
    lock_release(&lock);
    gate_leave();
}

static uint64_t live_pages(void)
{
    return atomic_load_explicit(&guarded_counts.page_bytes, memory_order_relaxed) / os_page_bytes;
}

#define PARTS 32u

bool guarded_slots_admit(uint64_t random)
{
    uint64_t live = live_pages(), freely = live_most / 2, part = size_maximum(live_most / PARTS, 1);
    if (live < freely)
        return true;
    return live < live_most && (random & ((UINT64_C(1) << (live - freely) / part) - 1)) == 0;
}

/* Under `lock`. Counts the page, so that no more than may be are taken. */
static struct guarded_slot *take_oldest(void)
{
    if (UNLIKELY(atomic_load_explicit(&has_left, memory_order_relaxed)))
        put_left();
    if (queued == 0 || live_pages() >= live_most)
        return NULL;
    struct guarded_slot *slot = &slots[queue[queue_first]];
    queue_first = (queue_first + 1) % slot_count;
    queued--;
    add(&guarded_counts.page_bytes, os_page_bytes);
    set_state(slot, GUARDED_TAKEN);
    return slot;
}

struct guarded_slot *guarded_slot_take(void)
{
    if (UNLIKELY(!gate_enter()))
        return NULL;
    lock_take(&lock);
    struct guarded_slot *slot = take_oldest();
    lock_release(&lock);
    gate_leave();
    return slot;
}

/* --- pages -------------------------------------------------------------------------------------------------------- */

static char *page_of(const struct guarded_slot *slot)
{
    return region + (2 * (size_t)(slot - slots) + 1) * os_page_bytes;
}

/* No byte that programs write often, and as an address none that there is. */
#define PATTERN 0xdb

static void fill(char *page, const char *block, size_t size)
{
    size_t before = (size_t)(block - page), behind = before + size;
    memset(page, PATTERN, before);
    memset(page + behind, PATTERN, os_page_bytes - behind);
}

void *guarded_slot_open(struct guarded_slot *slot, size_t size, size_t alignment, bool at_end)
{
    char *page = page_of(slot), *block = page;
    if (at_end)
        block += (os_page_bytes - size) & ~(size_maximum(alignment, BLOCK_ALIGNMENT) - 1);
    if (UNLIKELY(!os_make_writable(page, os_page_bytes))) {
        add(&guarded_counts.page_bytes, -(uint64_t)os_page_bytes);
        set_state(slot, slot->block != NULL ? GUARDED_FREED : GUARDED_UNUSED);
        put_back(slot);
        return NULL;
    }
    fill(page, block, size);
    slot->size = (uint32_t)size;
    slot->block = block;
    slot->freed.depth = 0;
    add(&guarded_counts.taken, 1);
    add(&guarded_counts.blocks, 1);
    add(&guarded_counts.block_bytes, size);
    set_state(slot, GUARDED_LIVE);
    return block;
}

bool guarded_slot_begin_free(struct guarded_slot *slot)
{
    uint8_t live = GUARDED_LIVE;
    return atomic_compare_exchange_strong_explicit(&slot->state, &live, GUARDED_FREEING, memory_order_acquire,
                                                   memory_order_relaxed);
}

/* By the C library's comparison, which takes many bytes at a time: each one with the next. */
static bool is_whole(const char *start, const char *end)
{
    return start >= end || (*start == (char)PATTERN && memcmp(start, start + 1, (size_t)(end - start) - 1) == 0);
}

/* The first byte from START to END that is not PATTERN; END where all are. */
static const char *find_broken(const char *start, const char *end)
{
    if (LIKELY(is_whole(start, end)))
        return end;
    while (*start == (char)PATTERN)
        start++;
    return start;
}

ptrdiff_t guarded_slot_broken(const struct guarded_slot *slot)
{
    const char *page = page_of(slot), *page_end = page + os_page_bytes, *end = slot->block + slot->size;
    const char *behind = find_broken(end, page_end), *before = slot->block;
    if (behind < page_end)
        return behind - slot->block;
    if (LIKELY(is_whole(page, before)))
        return 0;
    while (before[-1] == (char)PATTERN)
        before--;
    return before - 1 - slot->block;
}

void guarded_slot_end_free(struct guarded_slot *slot)
{
    bool forbidden = os_forbid(page_of(slot), os_page_bytes);
    add(&guarded_counts.blocks, -UINT64_C(1));
    add(&guarded_counts.block_bytes, -(uint64_t)slot->size);
    set_state(slot, GUARDED_FREED);
    if (UNLIKELY(!forbidden)) /* the slot is not used again */
        return;
    add(&guarded_counts.page_bytes, -(uint64_t)os_page_bytes);
    put_back(slot);
}

/* --- from addresses to slots -------------------------------------------------------------------------------------- */

static struct guarded_slot *slot_with_block(size_t index)
{
    return index < slot_count && slots[index].block != NULL ? &slots[index] : NULL;
}

struct guarded_slot *guarded_slot_near(const void *address)
{
    uintptr_t offset = (uintptr_t)address - (uintptr_t)region;
    if (region == NULL || offset >= region_bytes)
        return NULL;
    size_t page = offset / os_page_bytes, below = (page - 1) / 2, above = page / 2;
    if (page % 2 != 0)
        return slot_with_block(below);
    bool above_is_nearer = offset % os_page_bytes >= os_page_bytes / 2;
    struct guarded_slot *near = slot_with_block(above_is_nearer ? above : below);
    return near != NULL ? near : slot_with_block(above_is_nearer ? below : above);
}

bool guarded_slot_has(const struct guarded_slot *slot, const void *address)
{
    return (uintptr_t)address - (uintptr_t)page_of(slot) < os_page_bytes;
}

/* --- fork --------------------------------------------------------------------------------------------------------- */

void guarded_slots_lock(void)
{
    lock_take(&lock);
}

void guarded_slots_unlock(void)
{
    lock_release(&lock);
}

void guarded_slots_reset_lock(void)
{
    lock_reset(&lock);
}
