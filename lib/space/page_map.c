/* SPDX-License-Identifier: MIT */
#include "lib/space/page_map.h"

#include "lib/base/count.h"
#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/space/page_map_leaves.h"

#include <string.h>

static struct lock lock = LOCK_INITIALIZER;

static size_t page_number(const void *address)
{
    return (uintptr_t)address >> PAGE_SHIFT;
}

/* --- the window --------------------------------------------------------------------------------------------------- */

#define FIRST_PAGES ((size_t)1 << (29 - PAGE_SHIFT))
#define MOST_PAGES ((size_t)1 << (40 - PAGE_SHIFT))
#define GROWTH 4

/* Of a window so much lies above the page that it was made for: the kernel gives addresses one below the other. */
#define ABOVE_SHARE 4

/* A window moves when it has less than half of what is outside of it, and each time only for twice as much as the last
 * time: what it leaves stays mapped, and a heap whose parts take turns must not make it move for ever. */
#define MOVE_SHARE 2
#define MOVE_GROWTH 2
#define MOVE_PAGES_LEAST 16

/* After a refusal so much more has to lie outside of the window until another one is tried. */
#define RETRY_SHARE 8

/* Bytes of all that belongs to a page. */
#define BYTES_PER_PAGE (sizeof(uint32_t) + sizeof(void *))

/* The first one needs no memory from the kernel. */
static struct {
    struct page_map_window window;
    _Atomic(uint32_t) entry[FIRST_PAGES];
    _Atomic(void *) descriptor[FIRST_PAGES];
} initial;

/* Before the first page is set. */
static struct page_map_window nowhere;
struct page_map_place page_map_place = {&nowhere};

/* A window becomes writable in pieces of 64 KiB, the first of which has its head as well. */
#define PIECE_BYTES PAGE_BYTES
#define PIECES_MOST (MOST_PAGES * BYTES_PER_PAGE / PIECE_BYTES + 1)

struct pieces {
    uint64_t writable[(PIECES_MOST + 63) / 64];
};

/* Bytes of the pieces of all windows that there were: written under `lock`, read without. */
_Atomic uint64_t page_map_piece_bytes;

/* All below: under `lock`. */
static struct pieces pieces;              /* of the window; all, where it is the first one */
static size_t inside, outside;            /* pages that are set: in the window, and elsewhere */
static size_t try_at;                     /* so many of them outside call for another window */
static size_t move_at = MOVE_PAGES_LEAST; /* the same, for one elsewhere */

static bool is_within(const struct page_map_window *window, size_t page)
{
    return page - window->first < window->pages;
}

/* Whether the piece of WINDOW is writable that holds ADDRESS; makes it so if MAKE. */
static bool need_piece(struct page_map_window *window, struct pieces *of, const void *address, bool make)
{
    size_t piece = (size_t)((const char *)address - (char *)window) / PIECE_BYTES;
    uint64_t bit = UINT64_C(1) << piece % 64;
    if (LIKELY((of->writable[piece / 64] & bit) != 0))
        return true;
    if (!make || !os_make_writable((char *)window + piece * PIECE_BYTES, PIECE_BYTES))
        return false;
    of->writable[piece / 64] |= bit;
    count_add(&page_map_piece_bytes, PIECE_BYTES);
    return true;
}

static bool need_pieces(struct page_map_window *window, struct pieces *of, size_t page)
{
    size_t index = page - window->first;
    return need_piece(window, of, &page_map_window_entries(window)[index], true) &&
           need_piece(window, of, &window->descriptor[index], true);
}

/* Where a page's entry and descriptor are. */
struct slot {
    _Atomic(uint32_t) *entry;
    _Atomic(void *) *descriptor;
};

static struct slot slot_in_window(struct page_map_window *window, size_t page)
{
    size_t index = page - window->first;
    return (struct slot){&page_map_window_entries(window)[index], &window->descriptor[index]};
}

static struct slot slot_in_leaf(struct page_leaf *leaf, size_t page)
{
    return (struct slot){&leaf->entry[page % PAGE_LEAF_PAGES], &leaf->descriptor[page % PAGE_LEAF_PAGES]};
}

/* The slot of a page that is set, or was once. */
static ALWAYS_INLINE struct slot slot_of(size_t page)
{
    struct page_map_window *window = page_map_window();
    return LIKELY(is_within(window, page)) ? slot_in_window(window, page) : slot_in_leaf(page_leaf_of(page), page);
}

static uint32_t entry_in(struct slot slot)
{
    return atomic_load_explicit(slot.entry, memory_order_relaxed);
}

static void fill(struct slot slot, uint32_t entry, void *descriptor)
{
    atomic_store_explicit(slot.descriptor, descriptor, memory_order_relaxed);
    atomic_store_explicit(slot.entry, entry, memory_order_relaxed);
}

/* --- another window ----------------------------------------------------------------------------------------------- */

struct switching {
    struct page_map_window *window; /* that which is being made */
    struct pieces pieces;
    size_t inside, outside;
};

/* PAGE, which is in SLOT, goes into the new window if that has it, and else into a leaf; nothing does if it was never
 * set. What a leaf has of a page that a window took over is stale, so it is written in any case. */
static bool take_over(struct switching *to, size_t page, struct slot slot)
{
    uint32_t entry = entry_in(slot);
    void *descriptor = atomic_load_explicit(slot.descriptor, memory_order_relaxed);
    bool within = is_within(to->window, page);
    if (entry == PAGE_FOREIGN && descriptor == NULL)
        return true;
    if (within ? !need_pieces(to->window, &to->pieces, page) : !page_leaf_need(page))
        return false;
    fill(within ? slot_in_window(to->window, page) : slot_in_leaf(page_leaf_of(page), page), entry, descriptor);
    to->inside += within && entry != PAGE_FOREIGN;
    to->outside += !within && entry != PAGE_FOREIGN;
    return true;
}

/* Pages whose entries lie in WINDOW's piece of ADDRESS, from there on. */
static size_t pages_of_piece(const struct page_map_window *window, const void *address)
{
    size_t offset = (size_t)((const char *)address - (const char *)window);
    return (PIECE_BYTES - offset % PIECE_BYTES) / sizeof(uint32_t);
}

/* The pages of the window that there is. Where its piece was not made writable none was ever set. */
static bool take_over_window(struct switching *to)
{
    struct page_map_window *window = page_map_window();
    for (size_t page = window->first, end = page + window->pages; page < end;) {
        struct slot slot = slot_in_window(window, page);
        bool writable = need_piece(window, &pieces, slot.entry, false);
        if (writable && !take_over(to, page, slot))
            return false;
        page += writable ? 1 : pages_of_piece(window, slot.entry);
    }
    return true;
}

static bool take_over_leaf(struct switching *to, struct page_leaf *leaf)
{
    size_t first = leaf->number << PAGE_LEAF_BITS;
    if (is_within(page_map_window(), first))
        return true; /* stale */
    for (size_t page = first; page < first + PAGE_LEAF_PAGES; page++)
        if (!take_over(to, page, slot_in_leaf(leaf, page)))
            return false;
    return true;
}

/* The leaves after the window, since that may make some, of its own pages. */
static bool take_over_all(struct switching *to)
{
    bool done = take_over_window(to);
    for (size_t bucket = 0; bucket < PAGE_LEAF_BUCKETS; bucket++)
        for (struct page_leaf *leaf = page_leaf_first(bucket); leaf != NULL && done; leaf = leaf->next)
            done = take_over_leaf(to, leaf);
    return done;
}

/* A window of PAGES from page FIRST on takes the place of that which there is, between two pages that are never made
 * writable: what runs over from user memory ends there. False where memory is refused. */
static bool switch_to(size_t first, size_t pages)
{
    size_t bytes = round_up(sizeof(struct page_map_window) + pages * BYTES_PER_PAGE, PIECE_BYTES);
    char *addresses = os_reserve(bytes + 2 * os_page_bytes);
    if (addresses == NULL)
        return false;
    struct switching to = {.window = (struct page_map_window *)(addresses + os_page_bytes)};
    uint64_t before = count_read(&page_map_piece_bytes);
    bool done = need_piece(to.window, &to.pieces, to.window, true);
    if (done) {
        to.window->first = first;
        to.window->pages = pages;
        to.window->descriptor = (_Atomic(void *) *)(page_map_window_entries(to.window) + pages);
        done = take_over_all(&to);
    }
    if (!done) {
        os_unmap(addresses, bytes + 2 * os_page_bytes);
        count_set(&page_map_piece_bytes, before);
        return false;
    }
    pieces = to.pieces;
    inside = to.inside;
    outside = to.outside;
    atomic_store_explicit(&page_map_place.window, to.window, memory_order_release);
    return true;
}

/* Where a window of PAGES begins that has PAGE; leaves lie in a window as a whole. */
static size_t first_round(size_t page, size_t pages)
{
    size_t below = pages - pages / ABOVE_SHARE;
    return page > below ? (page - below) & ~(PAGE_LEAF_PAGES - 1) : 0;
}

static void place_first(size_t page)
{
    initial.window.first = first_round(page, FIRST_PAGES);
    initial.window.pages = FIRST_PAGES;
    initial.window.descriptor = initial.descriptor;
    memset(&pieces, 0xff, sizeof pieces);
    atomic_store_explicit(&page_map_place.window, &initial.window, memory_order_release);
}

/* A window that has PAGE besides all that WINDOW has; false where it would be too long. */
static bool grow(const struct page_map_window *window, size_t page)
{
    size_t end = window->first + window->pages, pages = window->pages;
    size_t span = size_maximum(end, page + 1) - size_minimum(window->first, page);
    while (pages < span && pages <= MOST_PAGES)
        pages *= GROWTH;
    pages = size_minimum(pages, MOST_PAGES);
    if (pages < span)
        return false;
    bool downwards = page < window->first;
    return switch_to(!downwards ? window->first : (end > pages ? end - pages : 0), pages);
}

/* A short window round PAGE, if that is where most pages are. */
static bool move(size_t page)
{
    size_t wanted = outside;
    if (wanted < move_at || wanted < MOVE_SHARE * inside || !switch_to(first_round(page, FIRST_PAGES), FIRST_PAGES))
        return false;
    move_at = MOVE_GROWTH * wanted;
    return true;
}

/* PAGE is going to be set: it is to lie in the window. */
static void cover(size_t page)
{
    struct page_map_window *window = page_map_window();
    if (LIKELY(is_within(window, page)))
        return;
    if (window == &nowhere)
        place_first(page);
    else if (outside >= try_at)
        try_at = grow(window, page) || move(page) ? 0 : outside + outside / RETRY_SHARE + 1;
}

/* --- setting ------------------------------------------------------------------------------------------------------ */

/* What pages FIRST to LAST need to be set. Which window they go into is settled first: a window has what lies between
 * two pages that it has. */
static bool need_room(size_t first, size_t last)
{
    cover(first);
    cover(last);
    struct page_map_window *window = page_map_window();
    for (size_t page = first; page <= last; page++)
        if (is_within(window, page) ? !need_pieces(window, &pieces, page) : !page_leaf_need(page))
            return false;
    return true;
}

static void count(size_t page, size_t more)
{
    if (LIKELY(is_within(page_map_window(), page)))
        inside += more;
    else
        outside += more;
}

bool page_map_set(const void *address, size_t pages, uint32_t entry, void *descriptor)
{
    size_t first = page_number(address);
    lock_take(&lock);
    bool room = need_room(first, first + pages - 1);
    for (size_t page = first; page < first + pages && room; page++) {
        struct slot slot = slot_of(page);
        count(page, entry_in(slot) == PAGE_FOREIGN);
        fill(slot, entry, descriptor);
    }
    lock_release(&lock);
    return room;
}

void page_map_change(const void *address, size_t pages, uint32_t entry)
{
    size_t first = page_number(address);
    lock_take(&lock);
    for (size_t page = first; page < first + pages; page++)
        atomic_store_explicit(slot_of(page).entry, entry, memory_order_relaxed);
    lock_release(&lock);
}

void page_map_clear(const void *address, size_t pages)
{
    size_t first = page_number(address);
    lock_take(&lock);
    for (size_t page = first; page < first + pages; page++) {
        atomic_store_explicit(slot_of(page).entry, PAGE_FOREIGN, memory_order_relaxed);
        count(page, (size_t)-1);
    }
    lock_release(&lock);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

uint32_t page_map_entry_elsewhere(const void *address)
{
    size_t page = page_number(address);
    struct page_leaf *leaf = page_leaf_of(page);
    return leaf != NULL ? entry_in(slot_in_leaf(leaf, page)) : PAGE_FOREIGN;
}

void *page_map_descriptor(const void *address)
{
    return atomic_load_explicit(slot_of(page_number(address)).descriptor, memory_order_relaxed);
}

uint64_t page_map_bytes(void)
{
    return count_read(&page_map_piece_bytes);
}

void page_map_lock(void)
{
    lock_take(&lock);
}

void page_map_unlock(void)
{
    lock_release(&lock);
}

void page_map_reset_lock(void)
{
    lock_reset(&lock);
}
