/* SPDX-License-Identifier: MIT */
#include "lib/space/shelf.h"

#include "lib/profile/active.h"
#include "lib/space/huge.h"
#include "lib/space/purge_clock.h"

#define FULL_LIST (SHELF_LISTS - 1)

/* An area holds several of the runs that it was mapped for, and each is twice as large as the one before: what was
 * freed serves blocks of any size the better, the longer the addresses go on. The first one is small. */
#define AREA_RUNS 8
#define AREA_PAGES_FIRST 256 /* 16 MiB */
#define AREA_PAGES_MOST SHELF_PAGES_MOST
#define AREA_BYTES_LEAST ((size_t)1 << 20)
_Static_assert(SHELF_PAGES_MOST < 1 << (SHELF_LISTS - 1), "each length has a list");

/* Under pages.huge: auto a SuperSlab loses its huge pages when three quarters of it are empty. */
#define AUTO_BREAK_SHARE 4

/* --- lists by longest run: a run is found without looking at SuperSlabs that cannot hold it, and the shorter rooms are
 * filled first  */

static unsigned list_of(const struct superslab *superslab)
{
    return superslab->longest_run == 0 ? FULL_LIST : 31 - (unsigned)__builtin_clz(superslab->longest_run);
}

static void list_add(struct shelf *shelf, struct superslab *superslab)
{
    struct superslab **head = &shelf->lists[list_of(superslab)];
    superslab->previous = NULL;
    superslab->next = *head;
    if (*head != NULL)
        (*head)->previous = superslab;
    *head = superslab;
}

/* Takes it out of list LIST, in which it was put. */
static void list_remove(struct shelf *shelf, struct superslab *superslab, unsigned list)
{
    if (superslab->previous != NULL)
        superslab->previous->next = superslab->next;
    else
        shelf->lists[list] = superslab->next;
    if (superslab->next != NULL)
        superslab->next->previous = superslab->previous;
}

/* Puts it where its longest run now belongs; it is in list WAS. */
static void list_move(struct shelf *shelf, struct superslab *superslab, unsigned was)
{
    if (list_of(superslab) == was)
        return;
    list_remove(shelf, superslab, was);
    list_add(shelf, superslab);
}

/* --- the queue of those whose empty pages wait -------------------------------------------------------------------- */

/* Its empty pages are looked at twice within the delay: those that were empty both times go back. */
static void queue_add(struct shelf *shelf, struct superslab *superslab)
{
    superslab->purge_due = purge_clock() + (HAK_PROFILE(purge_delay) << shelf->allowance.patience) / 2 +
                           1; /* never 0, which says "none" */
    superslab->purge_next = NULL;
    superslab->purge_previous = shelf->purge_newest;
    if (shelf->purge_newest != NULL)
        shelf->purge_newest->purge_next = superslab;
    else
        shelf->purge_oldest = superslab;
    shelf->purge_newest = superslab;
}

static void queue_remove(struct shelf *shelf, struct superslab *superslab)
{
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
}

uint64_t shelf_next_purge(const struct shelf *shelf)
{
    return shelf->purge_oldest != NULL ? shelf->purge_oldest->purge_due : 0;
}

/* --- mapping and unmapping ---------------------------------------------------------------------------------------- */

/* What cannot go back does not wait. */
static uint64_t waiting_bytes(const struct superslab *superslab)
{
    return superslab->fixed ? 0 : (uint64_t)superslab->waiting_pages << PAGE_SHIFT;
}

/* Whether the next SuperSlab of KIND, which is for such a user, is to have huge pages. */
static bool wants_huge_pages(enum superslab_kind kind, bool large_user)
{
    uint64_t way = HAK_PROFILE(pages_huge);
    if (way != HAK_HUGE_LARGE && way != HAK_HUGE_AUTO)
        return way != HAK_HUGE_NEVER;
    if (kind != SUPERSLAB_PLAIN)
        return kind == SUPERSLAB_LONG_AREA;
    return way == HAK_HUGE_AUTO && large_user && huge_pages_for_superslabs();
}

/* How large the next SuperSlab is, which is to hold a run of PAGES. */
static size_t next_bytes(const struct shelf *shelf, enum superslab_kind kind, size_t pages)
{
    if (kind == SUPERSLAB_PLAIN)
        return HAK_PROFILE(superslab_size);
    size_t area = AREA_PAGES_FIRST, most = AREA_PAGES_MOST;
    size_t doublings = size_minimum(shelf->count, 16); /* more than it takes to the longest */
    while (area < most && (area < AREA_RUNS * pages || area >> doublings < AREA_PAGES_FIRST))
        area *= 2;
    return area << PAGE_SHIFT;
}

/* The least that one which is to hold a run of PAGES may have. Where no long area is to be had a shorter one is better
 * than none, if it holds more than the run; a large block may also be mapped by itself. */
static size_t least_bytes(enum superslab_kind kind, size_t pages, size_t alignment)
{
    if (kind == SUPERSLAB_PLAIN)
        return pages << PAGE_SHIFT;
    return size_maximum((pages << PAGE_SHIFT) + alignment, AREA_BYTES_LEAST);
}

/* Maps one of *BYTES, or of the half, and so on, down to LEAST. After a refusal the next ones are short as well: what
 * is left of a limit is not spent on room that waits for blocks of one kind. Each that is granted lets the next be
 * twice as long. */
static struct superslab *map_shorter(struct shelf *shelf, enum superslab_kind kind, size_t least, bool huge,
                                     size_t *bytes)
{
    size_t usual = *bytes;
    while (shelf->most_bytes != 0 && *bytes > shelf->most_bytes && *bytes / 2 >= least)
        *bytes /= 2;
    struct superslab *superslab = superslab_map(*bytes, kind, huge);
    if (superslab != NULL && *bytes < usual)
        shelf->most_bytes = 2 * *bytes;
    while (superslab == NULL && *bytes / 2 >= least) {
        superslab = superslab_map(*bytes /= 2, kind, huge);
        shelf->most_bytes = *bytes;
    }
    return superslab;
}

/* Where the process locks its memory, a SuperSlab is resident from the beginning: short ones for slabs, and none for
 * large blocks, which are mapped by themselves. */
#define LOCKED_BYTES ((size_t)256 << 10)

static bool add_superslab(struct shelf *shelf, enum superslab_kind kind, size_t pages, size_t alignment,
                          bool large_user)
{
    if (kind != SUPERSLAB_PLAIN && os_locks_mappings())
        return false;
    size_t bytes = next_bytes(shelf, kind, pages);
    bool huge = wants_huge_pages(kind, large_user);
    struct superslab *superslab = map_shorter(shelf, kind, least_bytes(kind, pages, alignment), huge, &bytes);
    if (superslab == NULL)
        return false;
    if (UNLIKELY(superslab->locked))
        shelf->most_bytes = LOCKED_BYTES;
    list_add(shelf, superslab);
    shelf->count++;
    shelf->empty++;
    shelf->mapped++;
    shelf->mapped_bytes += bytes;
    shelf->waiting_bytes += waiting_bytes(superslab);
    return true;
}

static void remove_superslab(struct shelf *shelf, struct superslab *superslab)
{
    queue_remove(shelf, superslab);
    list_remove(shelf, superslab, list_of(superslab));
    shelf->count--;
    shelf->empty--;
    shelf->unmapped++;
    shelf->mapped_bytes -= (uint64_t)superslab->pages << PAGE_SHIFT;
    shelf->waiting_bytes -= waiting_bytes(superslab);
    superslab_unmap(superslab);
}

static void count_purge(struct shelf *shelf, size_t bytes)
{
    shelf->purges += bytes != 0;
    shelf->purged_bytes += bytes;
}

/* BYTES of SUPERSLAB went back, in which WAITING waited before. */
static void note_purge(struct shelf *shelf, const struct superslab *superslab, uint64_t waiting, size_t bytes)
{
    shelf->waiting_bytes -= waiting - waiting_bytes(superslab);
    count_purge(shelf, bytes);
}

size_t shelf_unmap(struct shelf *shelf, struct superslab *superslab)
{
    size_t bytes = (size_t)superslab->pages << PAGE_SHIFT;
    count_purge(shelf, superslab_purgeable(superslab));
    remove_superslab(shelf, superslab);
    return bytes;
}

size_t shelf_trim(struct shelf *shelf, struct superslab *superslab)
{
    uint64_t waiting = waiting_bytes(superslab);
    unsigned was = list_of(superslab);
    size_t bytes = superslab_trim(superslab);
    list_move(shelf, superslab, was);
    shelf->mapped_bytes -= bytes;
    note_purge(shelf, superslab, waiting, waiting - waiting_bytes(superslab));
    return bytes;
}

/* --- purging ------------------------------------------------------------------------------------------------------ */

static bool is_superfluous(const struct shelf *shelf, const struct superslab *superslab)
{
    return superslab->used_pages == 0 && shelf->empty > HAK_PROFILE(superslab_keep_empty);
}

static bool is_better_broken_up(const struct superslab *superslab)
{
    return HAK_PROFILE(pages_huge) == HAK_HUGE_AUTO && superslab->huge && superslab->kind == SUPERSLAB_PLAIN &&
           superslab->used_pages != 0 && superslab->used_pages <= superslab->pages / AUTO_BREAK_SHARE;
}

/* Has PURGE give back pages of SUPERSLAB, which does not wait any longer. */
static size_t purge_pages(struct shelf *shelf, struct superslab *superslab, size_t (*purge)(struct superslab *))
{
    uint64_t waiting = waiting_bytes(superslab);
    queue_remove(shelf, superslab);
    if (is_better_broken_up(superslab))
        superslab_break_up(superslab);
    size_t bytes = purge(superslab);
    note_purge(shelf, superslab, waiting, bytes);
    return bytes;
}

size_t shelf_purge(struct shelf *shelf, struct superslab *superslab)
{
    if (!is_superfluous(shelf, superslab))
        return purge_pages(shelf, superslab, superslab_purge);
    size_t bytes = superslab_purgeable(superslab);
    shelf_unmap(shelf, superslab);
    return bytes;
}

/* What has been empty at the last look as well goes back; what has not is looked at again. */
static void purge_stale(struct shelf *shelf, struct superslab *superslab)
{
    size_t bytes = purge_pages(shelf, superslab, superslab_purge_stale);
    allowance_gave_waited(&shelf->allowance, bytes, purge_clock());
    if (superslab_purgeable(superslab) != 0)
        queue_add(shelf, superslab);
    else if (is_superfluous(shelf, superslab))
        remove_superslab(shelf, superslab);
}

void shelf_purge_due(struct shelf *shelf, uint64_t now)
{
    while (shelf->purge_oldest != NULL && shelf->purge_oldest->purge_due <= now)
        purge_stale(shelf, shelf->purge_oldest);
}

/* Bytes of empty memory that may wait for their delay: what the profile says, and as much as is in use. */
static uint64_t allowed_bytes(const struct shelf *shelf, uint64_t least)
{
    return least != 0 ? least + shelf->used_bytes + shelf->allowance.extra : 0;
}

/* Purges SURPLUS bytes of an area, or a whole SuperSlab. */
static size_t purge_some(struct shelf *shelf, struct superslab *superslab, uint64_t surplus)
{
    if (superslab->kind == SUPERSLAB_PLAIN)
        return shelf_purge(shelf, superslab);
    uint64_t waiting = waiting_bytes(superslab);
    size_t bytes = superslab_purge_tail(superslab, surplus);
    note_purge(shelf, superslab, waiting, bytes);
    return bytes;
}

/* Above what is allowed an eighth more goes, so that not every block that is freed then takes its own pages back. */
#define SURPLUS_MORE 8

/* Keeps the empty memory within its allowance: what is above goes, of the SuperSlabs that wait longest. */
static void purge_surplus(struct shelf *shelf, enum superslab_kind kind)
{
    uint64_t allowed =
        allowed_bytes(shelf, kind == SUPERSLAB_PLAIN ? HAK_PROFILE(purge_keep) : HAK_PROFILE(large_cache));
    if (LIKELY(shelf->waiting_bytes <= allowed))
        return;
    uint64_t bytes = 0, surplus = shelf->waiting_bytes - allowed + allowed / SURPLUS_MORE;
    for (struct superslab *superslab = shelf->purge_oldest, *next; superslab != NULL && bytes < surplus;
         superslab = next) {
        next = superslab->purge_next;
        if (superslab->waiting_pages != 0)
            bytes += purge_some(shelf, superslab, surplus - bytes);
    }
    allowance_gave(&shelf->allowance, bytes, purge_clock());
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

/* Hands out the run from SUPERSLAB, which is in list LIST; false if it has none. */
static bool take_from(struct shelf *shelf, struct superslab *superslab, unsigned list, size_t pages, size_t alignment,
                      struct page_run *run)
{
    bool was_empty = superslab->used_pages == 0;
    uint64_t waiting = waiting_bytes(superslab);
    run->base = superslab_take(superslab, pages, alignment, &run->zeroed);
    list_move(shelf, superslab, list);
    if (run->base == NULL)
        return false;
    uint64_t reused = waiting - waiting_bytes(superslab);
    shelf->empty -= was_empty;
    shelf->waiting_bytes -= reused;
    shelf->used_bytes += pages << PAGE_SHIFT;
    run->resident = reused == pages << PAGE_SHIFT;
    if (UNLIKELY(allowance_watches(&shelf->allowance)))
        allowance_took(&shelf->allowance, (pages << PAGE_SHIFT) - reused, purge_clock());
    run->superslab = superslab;
    run->pages = pages;
    return true;
}

/* Takes the run from the first SuperSlab of KIND that has it, the fullest lists first. */
static bool take_from_lists(struct shelf *shelf, enum superslab_kind kind, size_t pages, size_t alignment,
                            struct page_run *run)
{
    unsigned list = 31 - (unsigned)__builtin_clz((unsigned)pages);
    for (; list < FULL_LIST; list++)
        for (struct superslab *superslab = shelf->lists[list], *next; superslab != NULL; superslab = next) {
            next = superslab->next;
            if (superslab->kind == kind && superslab->longest_run >= pages &&
                take_from(shelf, superslab, list, pages, alignment, run))
                return true;
        }
    return false;
}

bool shelf_take(struct shelf *shelf, enum superslab_kind kind, size_t pages, size_t alignment, bool large_user,
                struct page_run *run)
{
    return take_from_lists(shelf, kind, pages, alignment, run) ||
           (add_superslab(shelf, kind, pages, alignment, large_user) &&
            take_from_lists(shelf, kind, pages, alignment, run));
}

void shelf_make_full_huge(struct shelf *shelf, size_t most)
{
    for (struct superslab *superslab = shelf->lists[FULL_LIST]; superslab != NULL && most > 0;
         superslab = superslab->next)
        if (!superslab->huge && superslab->used_pages == superslab->pages) {
            superslab_make_huge(superslab);
            most--;
        }
}

bool shelf_extend(struct shelf *shelf, struct page_run *run, size_t more)
{
    uint64_t waiting = waiting_bytes(run->superslab);
    if (!superslab_extend(run->superslab, run->base, run->pages, more))
        return false;
    run->pages += more;
    shelf->used_bytes += more << PAGE_SHIFT;
    shelf->waiting_bytes -= waiting - waiting_bytes(run->superslab);
    return true;
}

void shelf_give(struct shelf *shelf, const struct page_run *run)
{
    struct superslab *superslab = run->superslab;
    unsigned was = list_of(superslab);
    uint64_t waiting = waiting_bytes(superslab);
    superslab_give(superslab, run->base, run->pages);
    list_move(shelf, superslab, was);
    shelf->empty += superslab->used_pages == 0;
    shelf->used_bytes -= run->pages << PAGE_SHIFT;
    shelf->waiting_bytes += waiting_bytes(superslab) - waiting;
    if (HAK_PROFILE(purge_policy) == HAK_PURGE_NEVER)
        return;
    if (superslab->purge_due == 0)
        queue_add(shelf, superslab);
    if (HAK_PROFILE(purge_delay) == 0)
        shelf_purge(shelf, superslab);
    else
        purge_surplus(shelf, (enum superslab_kind)superslab->kind);
}
