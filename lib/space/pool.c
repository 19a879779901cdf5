#include "lib/space/pool.h"

#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/profile/active.h"
#include "lib/space/allowance.h"

#include <stdatomic.h>

/* SuperSlabs by the length of their longest free run: list K holds those of 2^K to 2^(K+1) - 1 pages, the list of full ones is the last. So a
 * run is found without looking at SuperSlabs that cannot hold it, and the shorter rooms are filled first. */
#define RUN_LISTS 11 /* runs of 1 to 1024 pages */
#define FULL_LIST RUN_LISTS

/* Runs longer than half a SuperSlab come from areas, which are as large as the longest of their runs needs, but no larger than a page set. The
 * first one is small: address space counts under some limits. */
#define AREA_PAGES_FIRST 256 /* 16 MiB */
#define AREA_PAGES_MOST PAGE_SET_MAX

/* SuperSlabs of one kind. */
struct shelf {
    struct superslab *lists[RUN_LISTS + 1];
    struct superslab *purge_oldest, *purge_newest; /* those with purge_due, in its order */
    size_t count;
    size_t empty;                                  /* without a used page */
    uint64_t used_bytes;
    uint64_t waiting_bytes;                        /* of pages that are not used and have memory behind them */
    struct allowance allowance;
};

static struct lock lock = LOCK_INITIALIZER;
/* All below: under `lock`. */
static struct shelf shelves[SUPERSLAB_KINDS];
static struct pool_counts counts;
/* The first purge_due of all, 0 if none waits: written under `lock`, read without (relaxed: a hint, checked again under the lock). */
static _Atomic uint64_t next_purge;

static struct shelf *shelf_of(const struct superslab *superslab)
{
    return &shelves[superslab->kind];
}

/* Bytes of empty memory that may wait for their delay: what the profile says, and as much as is in use. */
static uint64_t allowed_bytes(const struct shelf *shelf)
{
    uint64_t least = shelf == &shelves[SUPERSLAB_AREA] ? HAK_PROFILE(large_cache) : HAK_PROFILE(purge_keep);
    return least != 0 ? least + shelf->used_bytes + shelf->allowance.extra : 0;
}

static unsigned list_of(const struct superslab *superslab)
{
    return superslab->longest_run == 0 ? FULL_LIST : 31 - (unsigned)__builtin_clz(superslab->longest_run);
}

static void list_add(struct superslab *superslab)
{
    struct superslab **head = &shelf_of(superslab)->lists[list_of(superslab)];
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
        shelf_of(superslab)->lists[list] = superslab->next;
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

static void note_next_purge(void)
{
    uint64_t next = 0;
    for (size_t kind = 0; kind < SUPERSLAB_KINDS; kind++) {
        const struct superslab *oldest = shelves[kind].purge_oldest;
        if (oldest != NULL && (next == 0 || oldest->purge_due < next))
            next = oldest->purge_due;
    }
    atomic_store_explicit(&next_purge, next, memory_order_relaxed);
}

/* Its empty pages are looked at twice within the delay: those that were empty both times go back. */
static void purge_queue_add(struct superslab *superslab)
{
    struct shelf *shelf = shelf_of(superslab);
    superslab->purge_due = os_milliseconds() + (HAK_PROFILE(purge_delay) << shelf->allowance.patience) / 2 + 1; /* never 0, which says "none" */
    superslab->purge_next = NULL;
    superslab->purge_previous = shelf->purge_newest;
    if (shelf->purge_newest != NULL)
        shelf->purge_newest->purge_next = superslab;
    else
        shelf->purge_oldest = superslab;
    shelf->purge_newest = superslab;
    note_next_purge();
}

static void purge_queue_remove(struct superslab *superslab)
{
    struct shelf *shelf = shelf_of(superslab);
    if (superslab->purge_due == 0)
        return;
    if (superslab->purge_previous != NULL)
        superslab->purge_previous->purge_next = superslab->purge_next;
    else
        shelf->purge_oldest = superslab->purge_next;
    if (superslab->purge_next != NULL)
        superslab->purge_next->purge_previous = superslab->purge_previous;
    else
        shelf->purge_newest = superslab->purge_previous;
    superslab->purge_due = 0;
    note_next_purge();
}

static uint64_t waiting_bytes(const struct superslab *superslab)
{
    return (uint64_t)superslab->waiting_pages << PAGE_SHIFT;
}

/* Under pages.huge: auto a dense SuperSlab has huge pages, and loses them when three quarters of it are empty. */
#define AUTO_BREAK_SHARE 4

static bool wants_huge_pages(enum superslab_kind kind)
{
    if (HAK_PROFILE(pages_huge) == HAK_HUGE_AUTO)
        return kind == SUPERSLAB_DENSE;
    return HAK_PROFILE(pages_huge) != HAK_HUGE_NEVER;
}

static bool is_better_broken_up(const struct superslab *superslab)
{
    return HAK_PROFILE(pages_huge) == HAK_HUGE_AUTO && superslab->huge && superslab->used_pages != 0 &&
           superslab->used_pages <= superslab->pages / AUTO_BREAK_SHARE;
}

static struct superslab *add_superslab(struct shelf *shelf, size_t bytes)
{
    enum superslab_kind kind = (enum superslab_kind)(shelf - shelves);
    struct superslab *superslab = superslab_map(bytes, kind, wants_huge_pages(kind));
    if (superslab == NULL)
        return NULL;
    list_add(superslab);
    shelf->count++;
    shelf->empty++;
    shelf->waiting_bytes += waiting_bytes(superslab);
    counts.mapped_bytes += bytes;
    if (counts.mapped_bytes > counts.peak_mapped_bytes)
        counts.peak_mapped_bytes = counts.mapped_bytes;
    if (kind == SUPERSLAB_AREA)
        return superslab;
    counts.superslabs_mapped++;
    counts.superslabs++;
    if (counts.superslabs > counts.peak_superslabs)
        counts.peak_superslabs = counts.superslabs;
    return superslab;
}

static void remove_superslab(struct superslab *superslab)
{
    struct shelf *shelf = shelf_of(superslab);
    purge_queue_remove(superslab);
    list_remove(superslab, list_of(superslab));
    shelf->count--;
    shelf->empty--;
    shelf->waiting_bytes -= waiting_bytes(superslab);
    counts.superslabs -= superslab->kind != SUPERSLAB_AREA;
    counts.superslabs_unmapped += superslab->kind != SUPERSLAB_AREA;
    counts.mapped_bytes -= (uint64_t)superslab->pages << PAGE_SHIFT;
    superslab_unmap(superslab);
}

static bool is_superfluous(const struct superslab *superslab)
{
    size_t keep = superslab->kind == SUPERSLAB_AREA ? 0 : HAK_PROFILE(superslab_keep_empty);
    return superslab->used_pages == 0 && shelf_of(superslab)->empty > keep;
}

/* Purges one SuperSlab, or unmaps it when it is empty and enough empty ones are kept. */
static size_t purge(struct superslab *superslab)
{
    size_t bytes = superslab_purgeable(superslab);
    if (is_superfluous(superslab)) {
        remove_superslab(superslab);
    } else {
        uint64_t waiting = waiting_bytes(superslab);
        purge_queue_remove(superslab);
        if (is_better_broken_up(superslab))
            superslab_break_up(superslab);
        bytes = superslab_purge(superslab);
        shelf_of(superslab)->waiting_bytes -= waiting - waiting_bytes(superslab);
    }
    counts.purges += bytes != 0;
    counts.purged_bytes += bytes;
    return bytes;
}

/* The delay has passed once more: what has been empty for all of it goes back, the rest is looked at again. */
static void purge_stale(struct superslab *superslab)
{
    struct shelf *shelf = shelf_of(superslab);
    uint64_t waiting = waiting_bytes(superslab);
    purge_queue_remove(superslab);
    if (is_better_broken_up(superslab))
        superslab_break_up(superslab);
    size_t bytes = superslab_purge_stale(superslab);
    shelf->waiting_bytes -= waiting - waiting_bytes(superslab);
    allowance_gave_waited(&shelf->allowance, bytes, os_milliseconds());
    counts.purges += bytes != 0;
    counts.purged_bytes += bytes;
    if (superslab_purgeable(superslab) != 0)
        purge_queue_add(superslab);
    else if (is_superfluous(superslab))
        remove_superslab(superslab);
}

/* Keeps the empty memory within its allowance: above it whole SuperSlabs are purged, the oldest first. */
static void purge_surplus(struct shelf *shelf)
{
    uint64_t allowed = allowed_bytes(shelf);
    if (LIKELY(shelf->waiting_bytes <= allowed))
        return;
    size_t bytes = 0;
    while (shelf->purge_oldest != NULL && shelf->waiting_bytes > allowed)
        bytes += purge(shelf->purge_oldest);
    allowance_gave(&shelf->allowance, bytes, os_milliseconds());
}

static size_t longest_in_superslab(void)
{
    return (HAK_PROFILE(superslab_size) >> PAGE_SHIFT) / 2;
}

size_t pool_longest_run(void)
{
    return AREA_PAGES_MOST / 2;
}

/* Hands out the run from SUPERSLAB, which is in list LIST; false if it has none. */
static bool take_from(struct superslab *superslab, unsigned list, size_t pages, size_t alignment, struct page_run *run)
{
    struct shelf *shelf = shelf_of(superslab);
    bool was_empty = superslab->used_pages == 0;
    uint64_t waiting = waiting_bytes(superslab);
    run->base = superslab_take(superslab, pages, alignment, &run->zeroed);
    list_move(superslab, list);
    if (run->base == NULL)
        return false;
    uint64_t reused = waiting - waiting_bytes(superslab);
    shelf->empty -= was_empty;
    shelf->waiting_bytes -= reused;
    if (UNLIKELY(allowance_watches(&shelf->allowance)))
        allowance_took(&shelf->allowance, (pages << PAGE_SHIFT) - reused, os_milliseconds());
    run->superslab = superslab;
    run->pages = pages;
    return true;
}

/* Takes the run from the first SuperSlab that has it, the fullest lists first. */
static bool take_from_lists(struct shelf *shelf, size_t pages, size_t alignment, struct page_run *run)
{
    unsigned list = 31 - (unsigned)__builtin_clz((unsigned)pages);
    for (; list < RUN_LISTS; list++)
        for (struct superslab *superslab = shelf->lists[list], *next; superslab != NULL; superslab = next) {
            next = superslab->next;
            if (superslab->longest_run >= pages && take_from(superslab, list, pages, alignment, run))
                return true;
        }
    return false;
}

/* How large the next SuperSlab of a shelf is, which is to hold a run of PAGES. */
static size_t next_superslab_bytes(const struct shelf *shelf, size_t pages)
{
    if (shelf != &shelves[SUPERSLAB_AREA])
        return HAK_PROFILE(superslab_size);
    size_t area = AREA_PAGES_FIRST;
    while (area < AREA_PAGES_MOST && (area < 2 * pages || area >> shelf->count < AREA_PAGES_FIRST))
        area *= 2;
    return area << PAGE_SHIFT;
}

static bool take(struct shelf *shelf, size_t pages, size_t alignment, struct page_run *run)
{
    lock_take(&lock);
    bool taken = take_from_lists(shelf, pages, alignment, run);
    if (!taken)
        taken = add_superslab(shelf, next_superslab_bytes(shelf, pages)) != NULL && take_from_lists(shelf, pages, alignment, run);
    if (taken)
        shelf->used_bytes += pages << PAGE_SHIFT;
    else
        counts.failures += shelf == &shelves[SUPERSLAB_PLAIN]; /* else there is another way */
    lock_release(&lock);
    return taken;
}

bool pool_take(size_t pages, size_t alignment, struct page_run *run)
{
    return take(&shelves[pages > longest_in_superslab() ? SUPERSLAB_AREA : SUPERSLAB_PLAIN], pages, alignment, run);
}

bool pool_take_dense(size_t pages, struct page_run *run)
{
    size_t huge = HAK_PROFILE(pages_huge) == HAK_HUGE_AUTO ? os_huge_page_bytes() : 0;
    bool worth_it = huge != 0 && HAK_PROFILE(superslab_size) >= huge && pages <= longest_in_superslab();
    return (worth_it && take(&shelves[SUPERSLAB_DENSE], pages, PAGE_BYTES, run)) || pool_take(pages, PAGE_BYTES, run);
}

bool pool_extend(struct page_run *run, size_t more)
{
    struct superslab *superslab = run->superslab;
    size_t longest = superslab->kind == SUPERSLAB_AREA ? pool_longest_run() : longest_in_superslab();
    lock_take(&lock);
    uint64_t waiting = waiting_bytes(superslab);
    bool extended = run->pages + more <= longest && superslab_extend(superslab, run->base, run->pages, more);
    if (extended) {
        run->pages += more;
        shelf_of(superslab)->waiting_bytes -= waiting - waiting_bytes(superslab);
        shelf_of(superslab)->used_bytes += more << PAGE_SHIFT;
    }
    lock_release(&lock);
    return extended;
}

void pool_give(const struct page_run *run)
{
    struct superslab *superslab = run->superslab;
    struct shelf *shelf = shelf_of(superslab);
    lock_take(&lock);
    unsigned was = list_of(superslab);
    superslab_give(superslab, run->base, run->pages);
    list_move(superslab, was);
    shelf->empty += superslab->used_pages == 0;
    shelf->waiting_bytes += run->pages << PAGE_SHIFT;
    shelf->used_bytes -= run->pages << PAGE_SHIFT;
    if (HAK_PROFILE(purge_policy) != HAK_PURGE_NEVER) {
        if (superslab->purge_due == 0)
            purge_queue_add(superslab);
        if (HAK_PROFILE(purge_delay) == 0)
            purge(superslab);
        else
            purge_surplus(shelf);
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
    for (size_t kind = 0; kind < SUPERSLAB_KINDS; kind++)
        while (shelves[kind].purge_oldest != NULL && shelves[kind].purge_oldest->purge_due <= now)
            purge_stale(shelves[kind].purge_oldest);
    lock_release(&lock);
}

/* The first SuperSlab of all kinds, and the one after; they may be removed in between. NULL at the end. */
struct walk {
    size_t kind;
    unsigned list;
    struct superslab *next;
};

static struct superslab *walk_on(struct walk *walk)
{
    while (walk->next == NULL && walk->kind < SUPERSLAB_KINDS) {
        walk->next = shelves[walk->kind].lists[walk->list];
        walk->kind += walk->list == FULL_LIST;
        walk->list = walk->list == FULL_LIST ? 0 : walk->list + 1;
    }
    struct superslab *superslab = walk->next;
    walk->next = superslab != NULL ? superslab->next : NULL;
    return superslab;
}

size_t pool_purge_all(size_t keep)
{
    size_t given = 0, kept = 0;
    lock_take(&lock);
    struct walk walk = {0};
    for (struct superslab *superslab; (superslab = walk_on(&walk)) != NULL;) {
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
    struct walk walk = {0};
    for (struct superslab *superslab; (superslab = walk_on(&walk)) != NULL;) {
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
    for (size_t kind = 0; kind < SUPERSLAB_KINDS; kind++)
        result->used_bytes += shelves[kind].used_bytes;
    result->area_waiting_bytes = shelves[SUPERSLAB_AREA].waiting_bytes;
    struct walk walk = {0};
    for (struct superslab *superslab; (superslab = walk_on(&walk)) != NULL;) {
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
