/* SPDX-License-Identifier: MIT */
#include "lib/space/large.h"

#include "lib/base/compiler.h"
#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/base/report.h"
#include "lib/profile/active.h"
#include "lib/space/huge.h"
#include "lib/space/list.h"
#include "lib/space/metadata.h"
#include "lib/space/page_map.h"
#include "lib/space/pool.h"

/* One large block. */
struct large {
    struct list_link link;       /* in the list of those in use, or of unused descriptors */
    char *base;                  /* const while in use, but for realloc: first byte of the block and of its pages */
    size_t bytes;                /* of its pages: what may be used */
    struct superslab *superslab; /* const while in use: where the run is from; NULL for a mapping of its own */
    bool cleared;                /* const while in use: it is calloc's */
    bool fresh;                  /* const while in use: its memory held zeros when it was taken */
    bool discard;                /* while it is being taken: its memory is to be given back first */
};

/* realloc of a mapping that grows gets an eighth more address space than asked for, so that a block which grows step by
 * step is not moved at every step. Untouched, it costs no memory. */
#define GROWTH_SHARE 8

/* A run of so many bytes that cannot grow in place becomes a mapping of its own, whose memory moves instead of being
 * copied. (Moving a page takes a tenth of the time of copying it into a new one, and the old and the new block do not
 * stand side by side.) */
#define BECOMES_MAPPING_FROM ((size_t)1 << 20)

/* realloc gives back what is more than a quarter of the block. */
#define SHRINK_SHARE 4

static struct lock lock = LOCK_INITIALIZER;
/* All below: under `lock`. */
static struct list used_list, unused_descriptors;
static struct large_counts counts;

#define OF_LINK(pointer) LIST_MEMBER(pointer, struct large, link)

static struct large *descriptor_new(void)
{
    struct list_link *link = unused_descriptors.first;
    if (link == NULL)
        return metadata_new(sizeof(struct large));
    list_remove(&unused_descriptors, link);
    return OF_LINK(link);
}

static void descriptor_give(struct large *large)
{
    list_add_first(&unused_descriptors, &large->link);
}

/* Addresses for a mapping of BYTES, where huge pages fit. */
static char *map_target(size_t bytes)
{
    return os_map_aligned(bytes, huge_pages_fit(bytes) ? size_maximum(os_huge_page_bytes(), PAGE_BYTES) : PAGE_BYTES);
}

static void give_pages(struct large *large)
{
    if (large->superslab == NULL)
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
        char *target = os_map_aligned(bytes, alignment);
        if (target == NULL || !os_move(large->base, large->bytes, target, bytes))
            return false;
        large->base = target;
    }
    large->bytes = bytes;
    pool_note_mapping((int64_t)more);
    return true;
}

/* A mapping that is retained; false if there is none. */
static bool take_retained(struct large *large, size_t bytes, size_t alignment)
{
    struct mapping mapping;
    if (!pool_take_mapping(bytes, alignment, &mapping))
        return false;
    *large = (struct large){.base = mapping.base, .bytes = mapping.bytes, .cleared = large->cleared};
    if (large->bytes >= bytes || regrow(large, bytes, alignment))
        return true;
    give_pages(large);
    return false;
}

static bool take_mapping(struct large *large, size_t bytes, size_t alignment, bool huge)
{
    large->base = huge ? os_map_aligned(bytes, size_maximum(alignment, os_huge_page_bytes())) : NULL;
    if (large->base == NULL) /* or the addresses do not suffice for that alignment */
        large->base = os_map_aligned(bytes, alignment);
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
    if (!page_map_set(large->base, 1, PAGE_LARGE, large))
        return false;
    list_add_first(&used_list, &large->link);
    counts.blocks++;
    counts.block_bytes += large->bytes;
    if (large->superslab == NULL) {
        counts.mappings++;
        counts.mapping_bytes += large->bytes;
    }
    return true;
}

static void withdraw(struct large *large)
{
    page_map_clear(large->base, 1);
    list_remove(&used_list, &large->link);
    counts.blocks--;
    counts.block_bytes -= large->bytes;
    if (large->superslab == NULL) {
        counts.mappings--;
        counts.mapping_bytes -= large->bytes;
    }
}

/* Gets the memory: a run, a retained mapping, a new mapping. */
static bool take_memory(struct large *large, size_t bytes, size_t alignment)
{
    size_t pages = bytes >> PAGE_SHIFT;
    bool run = pages <= pool_longest_run() && alignment <= POOL_ALIGNMENT_MOST;
    bool sparse = large->cleared && huge_pages_leave_sparse(bytes);
    if (!sparse && bytes >= BECOMES_MAPPING_FROM && take_retained(large, bytes, alignment))
        return true;
    bool huge = huge_pages_for_new(bytes, large->cleared);
    bool taken =
        (run && take_run(large, pages, alignment, huge, sparse)) || take_mapping(large, bytes, alignment, huge);
    if (taken && huge && large->fresh)
        huge_pages_spend(bytes, large->cleared);
    large->discard = taken && sparse && !large->fresh;
    large->fresh |= large->discard;
    return taken;
}

static struct large *take_locked(size_t bytes, size_t alignment, bool cleared)
{
    struct large *large = descriptor_new();
    if (large == NULL)
        return NULL;
    large->cleared = cleared;
    large->discard = false;
    bool taken = take_memory(large, bytes, alignment);
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
    bytes = size_maximum(round_up(bytes, PAGE_BYTES), PAGE_BYTES);
    alignment = size_maximum(alignment, PAGE_BYTES);
    lock_take(&lock);
    struct large *large = take_locked(bytes, alignment, cleared);
    char *base = large != NULL ? large->base : NULL;
    bool discard = large != NULL && large->discard;
    *zeroed = large != NULL && large->fresh;
    lock_release(&lock);
    if (discard)
        *zeroed = os_discard(base, bytes);
    pool_tick(); /* a program may have large blocks only, and so no other slow path */
    return base;
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
    if (large->fresh)
        huge_pages_learn(large->base, large->bytes, large->cleared);
    give_pages(large);
    descriptor_give(large);
    lock_release(&lock);
    pool_tick();
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
    }
    large->bytes = bytes;
}

static void shrink(struct large *large, size_t bytes)
{
    char *tail = large->base + bytes;
    if (large->superslab == NULL) {
        os_unmap(tail, large->bytes - bytes);
        pool_note_mapping(-(int64_t)(large->bytes - bytes));
    } else {
        pool_give(&(struct page_run){
            .base = tail, .pages = (large->bytes - bytes) >> PAGE_SHIFT, .superslab = large->superslab});
    }
    set_bytes(large, bytes);
}

static bool grow_run(struct large *large, size_t bytes)
{
    struct page_run run = {.base = large->base, .pages = large->bytes >> PAGE_SHIFT, .superslab = large->superslab};
    if (!pool_extend(&run, (bytes - large->bytes) >> PAGE_SHIFT))
        return false;
    large->fresh &= run.zeroed;
    set_bytes(large, bytes);
    return true;
}

static size_t roomy_bytes(size_t bytes)
{
    return round_up(bytes + bytes / GROWTH_SHARE, PAGE_BYTES);
}

/* A mapping that has grown has huge pages or none by what it holds. */
static void advise(struct large *large, size_t old_bytes)
{
    os_advise_huge(large->base, large->bytes, huge_pages_for_grown(large->base, old_bytes, large->bytes));
}

static bool grow_mapping(struct large *large, size_t bytes)
{
    size_t roomy = roomy_bytes(bytes);
    size_t more = roomy - large->bytes;
    if (os_extend(large->base, large->bytes, roomy)) {
        pool_note_mapping((int64_t)more);
        set_bytes(large, roomy);
        advise(large, roomy - more);
        return true;
    }
    char *target = map_target(roomy);
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
    pool_note_mapping((int64_t)more);
    set_bytes(large, roomy);
    advise(large, roomy - more);
    return true;
}

/* Addresses for BYTES, behind which there is room for LATER bytes in all. */
static char *map_part(size_t bytes, size_t later)
{
    char *target = map_target(later);
    if (target != NULL)
        os_unmap(target + bytes, later - bytes);
    return target;
}

/* The block goes by the new address once it is known there, and no page map forgets the old one before. */
static bool become_mapping(struct large *large, size_t bytes)
{
    struct page_run run = {.base = large->base, .pages = large->bytes >> PAGE_SHIFT, .superslab = large->superslab};
    char *target = large->bytes >= BECOMES_MAPPING_FROM ? map_part(large->bytes, roomy_bytes(bytes)) : NULL;
    if (target == NULL)
        return false;
    bool known = page_map_set(target, 1, PAGE_LARGE, large);
    if (!known || !os_move_memory(large->base, large->bytes, target)) {
        if (known)
            page_map_clear(target, 1);
        os_unmap(target, large->bytes);
        return false;
    }
    page_map_clear(large->base, 1);
    large->base = target;
    large->superslab = NULL;
    counts.mappings++;
    counts.mapping_bytes += large->bytes;
    pool_give_moved(&run);
    return true;
}

static bool grow(struct large *large, size_t bytes)
{
    if (large->superslab != NULL && grow_run(large, bytes))
        return true;
    return (large->superslab == NULL || become_mapping(large, bytes)) && grow_mapping(large, bytes);
}

void *large_resize(void *pointer, size_t bytes)
{
    if (bytes > PTRDIFF_MAX - PTRDIFF_MAX / GROWTH_SHARE)
        return NULL;
    bytes = size_maximum(round_up(bytes, PAGE_BYTES), PAGE_BYTES);
    lock_take(&lock);
    struct large *large = find(pointer, "realloc");
    bool done = bytes <= large->bytes || grow(large, bytes);
    if (done && bytes < large->bytes - large->bytes / SHRINK_SHARE)
        shrink(large, bytes);
    void *result = done ? large->base : NULL;
    lock_release(&lock);
    return result;
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

static uint64_t resident_bytes(void)
{
    uint64_t bytes = 0;
    for (struct list_link *link = used_list.first; link != NULL; link = link->next)
        if (OF_LINK(link)->superslab == NULL)
            bytes += os_resident(OF_LINK(link)->base, OF_LINK(link)->bytes);
    return bytes;
}

void large_count(struct large_counts *result, bool resident)
{
    lock_take(&lock);
    *result = counts;
    if (resident)
        result->resident_bytes = resident_bytes();
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
