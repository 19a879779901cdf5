#include "lib/space/pool.h"

#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/profile/active.h"

#include <stdatomic.h>

/* SuperSlabs by the length of their longest free run: list K holds those of 2^K to 2^(K+1) - 1 pages, the list of full ones is the last. So a
 * run is found without looking at SuperSlabs that cannot hold it, and the shorter rooms are filled first. */
#define RUN_LISTS 11 /* runs of 1 to 1024 pages */
#define FULL_LIST RUN_LISTS

static struct lock lock = LOCK_INITIALIZER;
/* All below: under `lock`. */
static struct superslab *lists[RUN_LISTS + 1];
static struct superslab *purge_oldest, *purge_newest; /* SuperSlabs with purge_due, in its order */
static size_t empty_superslabs;
static struct pool_counts counts;
/* purge_due of purge_oldest, 0 if none waits: written under `lock`, read without (relaxed: a hint, checked again under the lock). */
static _Atomic uint64_t next_purge;

static unsigned list_of(const struct superslab *superslab)
{
    return superslab->longest_run == 0 ? FULL_LIST : 31 - (unsigned)__builtin_clz(superslab->longest_run);
}

static void list_add(struct superslab *superslab)
{
    struct superslab **head = &lists[list_of(superslab)];
    superslab->previous = NULL;
    superslab->next = *head;
    if (*head != NULL)
        (*head)->previous = superslab;
    *head = superslab;
}

/* Takes it out of list LIST, in which it was put. */
static void list_remove(struct superslab *superslab, unsigned list)
{
    if (superslab->previous != NULL)
        superslab->previous->next = superslab->next;
    else
        lists[list] = superslab->next;
    if (superslab->next != NULL)
        superslab->next->previous = superslab->previous;
}

/* Puts it where its longest run now belongs; it is in list WAS. */
static void list_move(struct superslab *superslab, unsigned was)
{
    if (list_of(superslab) == was)
        return;
    list_remove(superslab, was);
    list_add(superslab);
}

static void purge_queue_add(struct superslab *superslab)
{
    superslab->purge_due = os_milliseconds() + HAK_PROFILE(purge_delay) + 1; /* never 0, which says "none" */
    superslab->purge_next = NULL;
    superslab->purge_previous = purge_newest;
    if (purge_newest != NULL)
        purge_newest->purge_next = superslab;
    else
        purge_oldest = superslab;
    purge_newest = superslab;
    atomic_store_explicit(&next_purge, purge_oldest->purge_due, memory_order_relaxed);
}

static void purge_queue_remove(struct superslab *superslab)
{
    if (superslab->purge_due == 0)
        return;
    if (superslab->purge_previous != NULL)
        superslab->purge_previous->purge_next = superslab->purge_next;
    else
        purge_oldest = superslab->purge_next;
    if (superslab->purge_next != NULL)
        superslab->purge_next->purge_previous = superslab->purge_previous;
    else
        purge_newest = superslab->purge_previous;
    superslab->purge_due = 0;
    atomic_store_explicit(&next_purge, purge_oldest != NULL ? purge_oldest->purge_due : 0, memory_order_relaxed);
}

static struct superslab *add_superslab(void)
{
    struct superslab *superslab = superslab_map(HAK_PROFILE(superslab_size));
    if (superslab == NULL)
        return NULL;
    list_add(superslab);
    empty_superslabs++;
    counts.superslabs_mapped++;
    counts.superslabs++;
    counts.mapped_bytes += (uint64_t)superslab->pages << PAGE_SHIFT;
    if (counts.superslabs > counts.peak_superslabs)
        counts.peak_superslabs = counts.superslabs;
    if (counts.mapped_bytes > counts.peak_mapped_bytes)
        counts.peak_mapped_bytes = counts.mapped_bytes;
    return superslab;
}

static void remove_superslab(struct superslab *superslab)
{
    purge_queue_remove(superslab);
    list_remove(superslab, list_of(superslab));
    empty_superslabs--;
    counts.superslabs--;
    counts.superslabs_unmapped++;
    counts.mapped_bytes -= (uint64_t)superslab->pages << PAGE_SHIFT;
    superslab_unmap(superslab);
}

/* Purges one SuperSlab, or unmaps it when it is empty and enough empty ones are kept. */
static size_t purge(struct superslab *superslab)
{
    size_t bytes = superslab_purgeable(superslab);
    if (superslab->used_pages == 0 && empty_superslabs > HAK_PROFILE(superslab_keep_empty)) {
        remove_superslab(superslab);
    } else {
        purge_queue_remove(superslab);
        bytes = superslab_purge(superslab);
    }
    counts.purges += bytes != 0;
    counts.purged_bytes += bytes;
    return bytes;
}

size_t pool_longest_run(void)
{
    return (HAK_PROFILE(superslab_size) >> PAGE_SHIFT) / 2;
}

/* Takes the run from the first SuperSlab that has it, the fullest lists first. */
static bool take_from_lists(size_t pages, size_t alignment, struct page_run *run)
{
    unsigned list = 31 - (unsigned)__builtin_clz((unsigned)pages);
    for (; list < RUN_LISTS; list++)
        for (struct superslab *superslab = lists[list], *next; superslab != NULL; superslab = next) {
            next = superslab->next;
            if (superslab->longest_run < pages)
                continue;
            bool was_empty = superslab->used_pages == 0;
            run->base = superslab_take(superslab, pages, alignment, &run->zeroed);
            list_move(superslab, list);
            if (run->base == NULL)
                continue;
            empty_superslabs -= was_empty;
            run->superslab = superslab;
            run->pages = pages;
            return true;
        }
    return false;
}

bool pool_take(size_t pages, size_t alignment, struct page_run *run)
{
    lock_take(&lock);
    bool taken = take_from_lists(pages, alignment, run);
    if (!taken)
        taken = add_superslab() != NULL && take_from_lists(pages, alignment, run);
    if (taken)
        counts.used_bytes += pages << PAGE_SHIFT;
    else
        counts.failures++;
    lock_release(&lock);
    return taken;
}

bool pool_extend(struct page_run *run, size_t more)
{
    lock_take(&lock);
    bool extended = run->pages + more <= pool_longest_run() && superslab_extend(run->superslab, run->base, run->pages, more);
    if (extended) {
        run->pages += more;
        counts.used_bytes += more << PAGE_SHIFT;
    }
    lock_release(&lock);
    return extended;
}

void pool_give(const struct page_run *run)
{
    struct superslab *superslab = run->superslab;
    lock_take(&lock);
    unsigned was = list_of(superslab);
    superslab_give(superslab, run->base, run->pages);
    list_move(superslab, was);
    empty_superslabs += superslab->used_pages == 0;
    counts.used_bytes -= run->pages << PAGE_SHIFT;
    if (HAK_PROFILE(purge_policy) != HAK_PURGE_NEVER) {
        if (superslab->purge_due == 0)
            purge_queue_add(superslab);
        if (HAK_PROFILE(purge_delay) == 0)
            purge(superslab);
    }
    lock_release(&lock);
}

void pool_prefault(const struct page_run *run)
{
    os_prefault(run->base, run->pages << PAGE_SHIFT);
    lock_take(&lock);
    superslab_counts.prefaulted_bytes += run->pages << PAGE_SHIFT;
    lock_release(&lock);
}

void pool_purge_due(void)
{
    uint64_t due = atomic_load_explicit(&next_purge, memory_order_relaxed);
    if (LIKELY(due == 0))
        return;
    uint64_t now = os_milliseconds();
    if (now < due)
        return;
    lock_take(&lock);
    while (purge_oldest != NULL && purge_oldest->purge_due <= now)
        purge(purge_oldest);
    lock_release(&lock);
}

size_t pool_purge_all(size_t keep)
{
    size_t given = 0, kept = 0;
    lock_take(&lock);
    for (unsigned list = 0; list < RUN_LISTS; list++)
        for (struct superslab *superslab = lists[list], *next; superslab != NULL; superslab = next) {
            next = superslab->next;
            size_t bytes = superslab_purgeable(superslab);
            if (kept + bytes <= keep)
                kept += bytes;
            else
                given += purge(superslab);
        }
    lock_release(&lock);
    return given;
}

size_t pool_unmap_empty(void)
{
    size_t unmapped = 0;
    lock_take(&lock);
    for (unsigned list = 0; list < RUN_LISTS && empty_superslabs != 0; list++)
        for (struct superslab *superslab = lists[list], *next; superslab != NULL; superslab = next) {
            next = superslab->next;
            if (superslab->used_pages != 0)
                continue;
            size_t purged = superslab_purgeable(superslab);
            counts.purges += purged != 0;
            counts.purged_bytes += purged;
            unmapped += (size_t)superslab->pages << PAGE_SHIFT;
            remove_superslab(superslab);
        }
    lock_release(&lock);
    return unmapped;
}

void pool_count(struct pool_counts *result, bool resident)
{
    lock_take(&lock);
    *result = counts;
    result->superslab = superslab_counts;
    for (unsigned list = 0; list <= FULL_LIST; list++)
        for (struct superslab *superslab = lists[list]; superslab != NULL; superslab = superslab->next) {
            result->purgeable_bytes += superslab_purgeable(superslab);
            if (resident)
                result->resident_bytes += os_resident(superslab->base, (size_t)superslab->pages << PAGE_SHIFT);
        }
    lock_release(&lock);
}

void pool_lock(void)
{
    lock_take(&lock);
}

void pool_unlock(void)
{
    lock_release(&lock);
}

void pool_reset_lock(void)
{
    lock_reset(&lock);
}
