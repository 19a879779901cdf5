/* SPDX-License-Identifier: MIT */
#include "lib/space/large.h"

#include "lib/base/compiler.h"
#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/base/probe.h"
#include "lib/base/report.h"
#include "lib/profile/active.h"
#include "lib/space/huge.h"
#include "lib/space/large_block.h"
#include "lib/space/large_guard.h"
#include "lib/space/large_quarantine.h"
#include "lib/space/metadata.h"
#include "lib/space/page_map.h"
#include "lib/space/place.h"
#include "lib/space/pool.h"

static struct lock lock = LOCK_INITIALIZER;
/* All below: under `lock`. */
static struct list used_list, unused_descriptors;
struct large_totals large_totals;
struct census large_census;

#define OF_LINK(pointer) LIST_MEMBER(pointer, struct large, link)

static struct large *descriptor_new(void)
{
    struct list_link *link = unused_descriptors.first;
    if (link != NULL) {
        list_remove(&unused_descriptors, link);
        return OF_LINK(link);
    }
    struct large *large = metadata_new(sizeof(struct large) + (large_is_guarded() ? sizeof large->guarded[0] : 0));
    if (large != NULL)
        census_enter(&large_census, &large->census);
    return large;
}

static void descriptor_give(struct large *large)
{
    list_add_first(&unused_descriptors, &large->link);
}

/* By a profile with measures of security each block is a mapping of its own, which is unmapped when it is freed, or
 * after a quarantine without access: whoever still uses it gets a SIGSEGV. */
static void unmap(const struct large *large)
{
    probe_purge(large->base, large->bytes, PROBE_UNMAPPED);
    if (!large_quarantine_add(large->base, large->bytes))
        os_unmap(large->base, large->bytes);
    pool_note_mapping(-(int64_t)large->bytes);
}

static void give_pages(struct large *large)
{
    if (UNLIKELY(hak_profile_hardens()))
        unmap(large);
    else if (large->superslab == NULL)
        pool_give_mapping((struct mapping){large->base, large->bytes});
    else
        pool_give(&(struct page_run){
            .base = large->base, .pages = large->bytes >> PAGE_SHIFT, .superslab = large->superslab});
}

/* A retained mapping that was cut grows again, where it is or elsewhere. */
static bool regrow(struct large *large, size_t bytes, size_t alignment)
{
    size_t more = bytes - large->bytes;
    if (!os_extend(large->base, large->bytes, bytes)) {
        char *target = place_map(bytes, alignment);
        if (target == NULL || !os_move(large->base, large->bytes, target, bytes))
            return false;
        large->base = target;
    }
    large->bytes = bytes;
    pool_note_mapping((int64_t)more);
    return true;
}

/* A mapping that is retained; false if there is none. */
static bool take_retained(struct large *large, size_t bytes, size_t alignment, bool huge)
{
    struct mapping mapping;
    bool cheap_anew = large->cleared && huge; /* the kernel clears huge pages as fast as calloc clears memory */
    if (!pool_take_mapping(bytes, alignment, cheap_anew, &mapping))
        return false;
    large->base = mapping.base;
    large->bytes = mapping.bytes;
    large->superslab = NULL;
    large->fresh = false;
    if (large->bytes >= bytes || regrow(large, bytes, alignment))
        return true;
    give_pages(large);
    return false;
}

static bool take_mapping(struct large *large, size_t bytes, size_t alignment, bool huge)
{
    large->base = huge ? place_map(bytes, size_maximum(alignment, os_huge_page_bytes())) : NULL;
    if (large->base == NULL) /* or the addresses do not suffice for that alignment */
        large->base = place_map(bytes, alignment);
    if (large->base == NULL)
        return false;
    os_advise_huge(large->base, bytes, huge); /* says no as well, where the system's setting is "always" */
    large->bytes = bytes;
    large->superslab = NULL;
    large->fresh = true;
    pool_note_mapping((int64_t)bytes);
    return true;
}

static bool take_run(struct large *large, size_t pages, size_t alignment, bool huge, bool sparse)
{
    struct page_run run;
    if (!pool_take_for_large_block(pages, alignment, huge, !sparse, &run))
        return false;
    large->base = run.base;
    large->bytes = pages << PAGE_SHIFT;
    large->superslab = run.superslab;
    large->fresh = run.zeroed;
    return true;
}

/* A block in use enters the page map and the counts. */
static bool publish(struct large *large)
{
    if (!page_map_set(large_start(large), 1, PAGE_LARGE, large))
        return false;
    list_add_first(&used_list, &large->link);
    large_note(large);
    count_add(&large_totals.blocks, 1);
    count_add(&large_totals.block_bytes, large->bytes);
    if (large->superslab == NULL) {
        count_add(&large_totals.mappings, 1);
        count_add(&large_totals.mapping_bytes, large->bytes);
    }
    PROBE(large_new, large_start(large), large->bytes, large->superslab == NULL);
    return true;
}

static void withdraw(struct large *large)
{
    PROBE(large_free, large_start(large), large->bytes, large->superslab == NULL);
    page_map_clear(large_start(large), 1);
    list_remove(&used_list, &large->link);
    census_clear(&large->census);
    count_add(&large_totals.blocks, (uint64_t)-1);
    count_add(&large_totals.block_bytes, -(uint64_t)large->bytes);
    if (large->superslab == NULL) {
        count_add(&large_totals.mappings, (uint64_t)-1);
        count_add(&large_totals.mapping_bytes, -(uint64_t)large->bytes);
    }
}

/* Gets the memory: a run, a retained mapping, a new mapping. */
static bool take_memory(struct large *large, size_t bytes, size_t alignment)
{
    size_t pages = bytes >> PAGE_SHIFT;
    bool own = hak_profile_hardens(), run = !own && pages <= pool_longest_run() && alignment <= POOL_ALIGNMENT_MOST;
    bool sparse = large->cleared && huge_pages_leave_sparse(bytes);
    bool huge = huge_pages_for_new(bytes, large->cleared);
    if (!own && !sparse && bytes >= LARGE_MAPPING_FROM && take_retained(large, bytes, alignment, huge))
        return true;
    bool taken =
        (run && take_run(large, pages, alignment, huge, sparse)) || take_mapping(large, bytes, alignment, huge);
    if (taken && huge && large->fresh)
        huge_pages_spend(bytes, large->cleared);
    large->discard = taken && sparse && !large->fresh;
    large->fresh |= large->discard;
    return taken;
}

/* The same for BYTES that need not be whole pages, between guard pages. */
static bool take_guarded(struct large *large, size_t bytes, size_t alignment)
{
    bool huge = huge_pages_for_new(bytes, large->cleared);
    if (!large_guard_map(large, bytes, alignment, huge))
        return false;
    if (huge)
        huge_pages_spend(bytes, large->cleared);
    return true;
}

static bool take_any(struct large *large, size_t bytes, size_t alignment)
{
    return large_is_guarded() ? take_guarded(large, bytes, alignment)
                              : take_memory(large, size_maximum(round_up(bytes, PAGE_BYTES), PAGE_BYTES),
                                            size_maximum(alignment, PAGE_BYTES));
}

static struct large *take_locked(size_t bytes, size_t alignment, bool cleared)
{
    struct large *large = descriptor_new();
    if (large == NULL)
        return NULL;
    large->cleared = cleared;
    large->owner = 0;
    large->discard = false;
    bool taken = take_any(large, bytes, alignment);
    if (taken && publish(large))
        return large;
    if (taken)
        give_pages(large);
    descriptor_give(large);
    return NULL;
}

void *large_take(size_t bytes, size_t alignment, bool cleared, bool *zeroed)
{
    if (bytes > PTRDIFF_MAX - 2 * PAGE_BYTES)
        return NULL;
    lock_take(&lock);
    struct large *large = take_locked(bytes, alignment, cleared);
    char *start = large != NULL ? large_start(large) : NULL;
    bytes = large != NULL ? large->bytes : 0;
    bool discard = large != NULL && large->discard;
    *zeroed = large != NULL && large->fresh;
    lock_release(&lock);
    if (discard)
        *zeroed = os_discard(start, bytes);
    pool_tick(); /* a program may have large blocks only, and so no other slow path */
    return start;
}

/* LARGE, if nobody has written beyond it; else that is reported, without the lock. */
static struct large *whole(struct large *large, const char *function)
{
    struct large_damage damage;
    if (!large_is_guarded() || LIKELY(large_guard_is_whole(large, &damage)))
        return large;
    lock_release(&lock);
    large_guard_report(&damage, function);
    return NULL;
}

/* Without the lock by then where the program ends: a handler of SIGABRT may allocate. */
struct large *large_find(const void *pointer, const char *function)
{
    bool in_use = page_map_entry(pointer) == PAGE_LARGE;
    struct large *large = in_use ? page_map_descriptor(pointer) : NULL;
    if (LIKELY(in_use && large_start(large) == pointer))
        return whole(large, function);
    size_t bytes = in_use ? large_room(large) : 0;
    ptrdiff_t offset = in_use ? (const char *)pointer - large_start(large) : 0;
    lock_release(&lock);
    if (!in_use)
        report_misuse("%s: %p is not a block in use (double free?)", function, pointer);
    else
        report_misuse("%s: %p is not the start of a block (it lies %td bytes into one of %zu)", function, pointer,
                      offset, bytes);
    return NULL;
}

static void *owner_of(const struct large *large)
{
    return (void *)(uintptr_t)large->owner; /* NOLINT(performance-no-int-to-ptr) */
}

static void learn(const struct large *large)
{
    const struct large_guarded *at = large->guarded;
    if (large_is_guarded())
        huge_pages_learn(at->data, (size_t)(at->end - at->data), large->cleared);
    else
        huge_pages_learn(large->base, large->bytes, large->cleared);
}

void *large_give(void *pointer)
{
    lock_take(&lock);
    struct large *large = large_find(pointer, "free");
    if (UNLIKELY(large == NULL))
        return NULL;
    void *owner = owner_of(large);
    withdraw(large);
    if (large->fresh)
        learn(large);
    give_pages(large);
    descriptor_give(large);
    lock_release(&lock);
    pool_tick();
    return owner;
}

void *large_set_owner(const void *pointer, void *owner, const char *function)
{
    lock_take(&lock);
    struct large *large = large_find(pointer, function);
    if (UNLIKELY(large == NULL))
        return NULL;
    void *before = owner_of(large);
    large->owner = (uintptr_t)owner & ((UINT64_C(1) << LARGE_OWNER_BITS) - 1);
    lock_release(&lock);
    return before;
}

size_t large_usable(const void *pointer, const char *function)
{
    lock_take(&lock);
    struct large *large = large_find(pointer, function);
    if (UNLIKELY(large == NULL))
        return LARGE_NONE;
    size_t bytes = large_room(large);
    lock_release(&lock);
    return bytes;
}

size_t large_usable_during_fork(const void *pointer)
{
    struct large *large = page_map_descriptor(pointer);
    return large_start(large) == pointer ? large_room(large) : 0;
}

bool large_contains(const void *address)
{
    bool found = false;
    lock_take(&lock);
    for (struct list_link *link = used_list.first; link != NULL && !found; link = link->next)
        found = (size_t)((const char *)address - OF_LINK(link)->base) < OF_LINK(link)->bytes;
    lock_release(&lock);
    return found;
}

/* Runs are resident with their SuperSlabs. */
static void add_resident(struct census_range range, void *bytes)
{
    if (range.marked)
        *(uint64_t *)bytes += os_resident(range.base, range.bytes);
}

void large_count(struct large_counts *result, bool resident)
{
    *result = (struct large_counts){.blocks = count_read(&large_totals.blocks),
                                    .block_bytes = count_read(&large_totals.block_bytes),
                                    .mappings = count_read(&large_totals.mappings),
                                    .mapping_bytes = count_read(&large_totals.mapping_bytes)};
    if (resident)
        census_each(&large_census, add_resident, &result->resident_bytes);
}

bool large_reclaim(void)
{
    lock_take(&lock);
    bool released = large_quarantine_end();
    lock_release(&lock);
    return released;
}

void large_lock(void)
{
    lock_take(&lock);
}

void large_unlock(void)
{
    lock_release(&lock);
}

void large_reset_lock(void)
{
    lock_reset(&lock);
}
