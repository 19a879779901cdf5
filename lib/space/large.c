/* SPDX-License-Identifier: MIT */
#include "lib/space/large.h"

#include "lib/base/compiler.h"
#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/base/report.h"
#include "lib/profile/active.h"
#include "lib/space/allowance.h"
#include "lib/space/huge.h"
#include "lib/space/metadata.h"
#include "lib/space/page_map.h"
#include "lib/space/pool.h"
#include "lib/space/purge_clock.h"

#include <stdatomic.h>

/* One large block, in use or cached. */
struct large {
    struct large *next, *previous; /* in its list: in use, or cached (newest first) */
    char *base;                    /* const while in use: first byte of the block and of its pages */
    size_t bytes;                  /* of its pages: what may be used */
    struct superslab *superslab;   /* const while in use: where the run is from; NULL for a mapping of its own */
    uint64_t purge_due;            /* cached: purge_clock at which it is unmapped */
};

struct list {
    struct large *first, *last;
};

/* A cached mapping serves a request if no more than a quarter of it is wasted: the waste is address space and, once
 * touched, memory. */
#define CACHE_WASTE_SHARE 4
/* realloc of a mapping that grows gets an eighth more address space than asked for, so that a block which grows step by
 * step is not moved at every step. Untouched, it costs no memory. */
#define GROWTH_SHARE 8

static struct lock lock = LOCK_INITIALIZER;
/* All below: under `lock`. */
static struct list used_list, cached_list;
static struct large *unused_descriptors;
static struct large_counts counts;
/* purge_due of the oldest cached mapping, 0 if there is none: a hint for readers without the lock (relaxed). */
static _Atomic uint64_t next_purge;
static struct allowance allowance; /* of cached mappings; under `lock` */

static void list_add(struct list *list, struct large *large)
{
    large->previous = NULL;
    large->next = list->first;
    if (list->first != NULL)
        list->first->previous = large;
    else
        list->last = large;
    list->first = large;
}

static void list_remove(struct list *list, struct large *large)
{
    if (large->previous != NULL)
        large->previous->next = large->next;
    else
        list->first = large->next;
    if (large->next != NULL)
        large->next->previous = large->previous;
    else
        list->last = large->previous;
}

static struct large *descriptor_new(void)
{
    struct large *large = unused_descriptors;
    if (large == NULL)
        return metadata_new(sizeof *large);
    unused_descriptors = large->next;
    return large;
}

static void descriptor_give(struct large *large)
{
    large->next = unused_descriptors;
    unused_descriptors = large;
}

static void note_cache_change(void)
{
    atomic_store_explicit(&next_purge, cached_list.last != NULL ? cached_list.last->purge_due : 0,
                          memory_order_relaxed);
}

static void note_mapped(void)
{
    uint64_t mapped = counts.mapping_bytes + counts.cached_bytes;
    if (mapped > counts.peak_mapped_bytes)
        counts.peak_mapped_bytes = mapped;
}

static void cache_remove(struct large *large)
{
    list_remove(&cached_list, large);
    counts.cached_bytes -= large->bytes;
    note_cache_change();
}

static void cache_unmap(struct large *large)
{
    cache_remove(large);
    os_unmap(large->base, large->bytes);
    counts.purges++;
    counts.purged_bytes += large->bytes;
    descriptor_give(large);
}

/* The smallest cached mapping that serves the request, or NULL. */
static struct large *cache_find(size_t bytes, size_t alignment)
{
    struct large *best = NULL;
    for (struct large *large = cached_list.first; large != NULL; large = large->next)
        if (large->bytes >= bytes && large->bytes - bytes <= large->bytes / CACHE_WASTE_SHARE &&
            ((uintptr_t)large->base & (alignment - 1)) == 0 && (best == NULL || large->bytes < best->bytes))
            best = large;
    return best;
}

static bool take_mapping(struct large *large, size_t bytes, size_t alignment)
{
    bool huge = huge_pages_for_large(bytes);
    large->base = huge ? os_map_aligned(bytes, size_maximum(alignment, os_huge_page_bytes())) : NULL;
    if (large->base == NULL) /* or the addresses do not suffice for that alignment */
        large->base = os_map_aligned(bytes, alignment);
    if (large->base == NULL)
        return false;
    os_advise_huge(large->base, bytes, huge); /* says no as well, where the system's setting is "always" */
    large->bytes = bytes;
    large->superslab = NULL;
    if (allowance_watches(&allowance))
        allowance_took(&allowance, bytes, purge_clock());
    return true;
}

static bool take_run(struct large *large, size_t pages, size_t alignment, bool *zeroed)
{
    struct page_run run;
    if (!pool_take_for_large_block(pages, alignment, &run))
        return false;
    large->base = run.base;
    large->bytes = pages << PAGE_SHIFT;
    large->superslab = run.superslab;
    *zeroed = run.zeroed;
    return true;
}

/* A block in use enters the page map and the counts. */
static bool publish(struct large *large)
{
    if (!page_map_set(large->base, 1, PAGE_LARGE, large))
        return false;
    list_add(&used_list, large);
    counts.blocks++;
    counts.block_bytes += large->bytes;
    if (large->superslab == NULL) {
        counts.mappings++;
        counts.mapping_bytes += large->bytes;
        note_mapped();
    }
    return true;
}

static void withdraw(struct large *large)
{
    page_map_clear(large->base, 1);
    list_remove(&used_list, large);
    counts.blocks--;
    counts.block_bytes -= large->bytes;
    if (large->superslab == NULL) {
        counts.mappings--;
        counts.mapping_bytes -= large->bytes;
    }
}

static void give_pages(struct large *large)
{
    if (large->superslab == NULL)
        os_unmap(large->base, large->bytes);
    else
        pool_give(&(struct page_run){
            .base = large->base, .pages = large->bytes >> PAGE_SHIFT, .superslab = large->superslab});
}

/* Cached mappings above what is allowed go, the oldest first, and may be that which has just come. */
static void unmap_surplus(uint64_t now)
{
    uint64_t allowed = HAK_PROFILE(large_cache) + allowance.extra, bytes = counts.cached_bytes;
    while (counts.cached_bytes > allowed)
        cache_unmap(cached_list.last);
    allowance_gave(&allowance, bytes - counts.cached_bytes, now);
}

/* Puts a freed mapping into the cache. */
static void cache_add(struct large *large)
{
    uint64_t now = purge_clock();
    large->purge_due = now + (HAK_PROFILE(purge_delay) << allowance.patience) + 1;
    list_add(&cached_list, large);
    counts.cached_bytes += large->bytes;
    note_mapped();
    note_cache_change();
    if (counts.cached_bytes > HAK_PROFILE(large_cache) + allowance.extra)
        unmap_surplus(now);
}

/* Gets the memory: a run, a cached mapping, a new mapping. */
static struct large *take_locked(size_t bytes, size_t alignment, bool *zeroed)
{
    size_t pages = bytes >> PAGE_SHIFT;
    bool run = pages <= pool_longest_run() && alignment <= POOL_ALIGNMENT_MOST;
    struct large *large = run ? NULL : cache_find(bytes, alignment);
    if (large != NULL) {
        cache_remove(large);
        *zeroed = false;
        return large;
    }
    large = descriptor_new();
    if (large == NULL)
        return NULL;
    *zeroed = true;
    if ((run && take_run(large, pages, alignment, zeroed)) || take_mapping(large, bytes, alignment))
        return large;
    descriptor_give(large);
    return NULL;
}

/* A program may have large blocks only, and so no other slow path: what is due is done here too, without the lock held.
 */
static void tick(void)
{
    pool_purge_due();
    large_purge_due();
}

void *large_take(size_t bytes, size_t alignment, bool *zeroed)
{
    if (bytes > PTRDIFF_MAX - 2 * PAGE_BYTES)
        return NULL;
    bytes = size_maximum(round_up(bytes, PAGE_BYTES), PAGE_BYTES);
    alignment = size_maximum(alignment, PAGE_BYTES);
    lock_take(&lock);
    struct large *large = take_locked(bytes, alignment, zeroed);
    if (large != NULL && !publish(large)) {
        give_pages(large);
        descriptor_give(large);
        large = NULL;
    }
    lock_release(&lock);
    tick();
    return large != NULL ? large->base : NULL;
}

/* The descriptor of the block at POINTER; called with the lock. Ends the program where there is none: two threads may
 * free the same block, and the second has seen an entry that is gone by now. Without the lock by then: a handler of
 * SIGABRT may allocate. */
static struct large *find(const void *pointer, const char *function)
{
    bool in_use = page_map_entry(pointer) == PAGE_LARGE;
    struct large *large = in_use ? page_map_descriptor(pointer) : NULL;
    if (LIKELY(in_use && large->base == pointer))
        return large;
    size_t bytes = in_use ? large->bytes : 0, offset = in_use ? (size_t)((const char *)pointer - large->base) : 0;
    lock_release(&lock);
    if (!in_use)
        report_fatal("%s: %p is not a block in use (double free?)", function, pointer);
    report_fatal("%s: %p is not the start of a block (it lies %zu bytes into one of %zu)", function, pointer, offset,
                 bytes);
}

void large_give(void *pointer)
{
    lock_take(&lock);
    struct large *large = find(pointer, "free");
    withdraw(large);
    if (large->superslab == NULL && HAK_PROFILE(large_cache) != 0) {
        cache_add(large);
    } else {
        give_pages(large);
        descriptor_give(large);
    }
    lock_release(&lock);
    tick();
}

size_t large_usable(const void *pointer, const char *function)
{
    lock_take(&lock);
    size_t bytes = find(pointer, function)->bytes;
    lock_release(&lock);
    return bytes;
}

size_t large_usable_during_fork(const void *pointer)
{
    struct large *large = page_map_descriptor(pointer);
    return large->base == pointer ? large->bytes : 0;
}

/* Sets a block's size after its pages have changed. */
static void set_bytes(struct large *large, size_t bytes)
{
    counts.block_bytes += bytes - large->bytes;
    if (large->superslab == NULL) {
        counts.mapping_bytes += bytes - large->bytes;
        note_mapped();
    }
    large->bytes = bytes;
}

static void shrink(struct large *large, size_t bytes)
{
    char *tail = large->base + bytes;
    if (large->superslab == NULL)
        os_unmap(tail, large->bytes - bytes);
    else
        pool_give(&(struct page_run){
            .base = tail, .pages = (large->bytes - bytes) >> PAGE_SHIFT, .superslab = large->superslab});
    set_bytes(large, bytes);
}

static bool grow_run(struct large *large, size_t bytes)
{
    struct page_run run = {.base = large->base, .pages = large->bytes >> PAGE_SHIFT, .superslab = large->superslab};
    if (!pool_extend(&run, (bytes - large->bytes) >> PAGE_SHIFT))
        return false;
    set_bytes(large, bytes);
    return true;
}

static bool grow_mapping(struct large *large, size_t bytes)
{
    size_t roomy = round_up(bytes + bytes / GROWTH_SHARE, PAGE_BYTES);
    if (os_extend(large->base, large->bytes, roomy)) {
        set_bytes(large, roomy);
        return true;
    }
    char *target = os_map_aligned(roomy, PAGE_BYTES);
    if (target == NULL)
        return false;
    if (!page_map_set(target, 1, PAGE_LARGE, large)) {
        os_unmap(target, roomy);
        return false;
    }
    if (!os_move(large->base, large->bytes, target, roomy)) {
        page_map_clear(target, 1);
        return false;
    }
    page_map_clear(large->base, 1);
    large->base = target;
    set_bytes(large, roomy);
    return true;
}

void *large_resize(void *pointer, size_t bytes)
{
    if (bytes > PTRDIFF_MAX - PTRDIFF_MAX / GROWTH_SHARE)
        return NULL;
    bytes = size_maximum(round_up(bytes, PAGE_BYTES), PAGE_BYTES);
    lock_take(&lock);
    struct large *large = find(pointer, "realloc");
    bool done =
        bytes <= large->bytes || (large->superslab == NULL ? grow_mapping(large, bytes) : grow_run(large, bytes));
    if (done && bytes < large->bytes - large->bytes / CACHE_WASTE_SHARE)
        shrink(large, bytes);
    void *result = done ? large->base : NULL;
    lock_release(&lock);
    return result;
}

void large_purge_due(void)
{
    uint64_t due = atomic_load_explicit(&next_purge, memory_order_relaxed);
    if (LIKELY(due == 0))
        return;
    uint64_t now = purge_clock();
    if (now < due || HAK_PROFILE(purge_policy) == HAK_PURGE_NEVER)
        return;
    lock_take(&lock);
    uint64_t bytes = counts.cached_bytes;
    while (cached_list.last != NULL && cached_list.last->purge_due <= now)
        cache_unmap(cached_list.last);
    allowance_gave_waited(&allowance, bytes - counts.cached_bytes, now);
    lock_release(&lock);
}

size_t large_purge_all(void)
{
    lock_take(&lock);
    size_t bytes = counts.cached_bytes;
    while (cached_list.last != NULL)
        cache_unmap(cached_list.last);
    lock_release(&lock);
    return bytes;
}

bool large_contains(const void *address)
{
    bool found = false;
    lock_take(&lock);
    for (struct large *large = used_list.first; large != NULL && !found; large = large->next)
        found = (const char *)address >= large->base && (const char *)address < large->base + large->bytes;
    lock_release(&lock);
    return found;
}

static uint64_t resident_of(const struct list *list)
{
    uint64_t bytes = 0;
    for (struct large *large = list->first; large != NULL; large = large->next)
        if (large->superslab == NULL)
            bytes += os_resident(large->base, large->bytes);
    return bytes;
}

void large_count(struct large_counts *result, bool resident)
{
    lock_take(&lock);
    *result = counts;
    if (resident)
        result->resident_bytes = resident_of(&used_list) + resident_of(&cached_list);
    lock_release(&lock);
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
