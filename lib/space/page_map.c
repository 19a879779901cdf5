/* SPDX-License-Identifier: MIT */
#include "lib/space/page_map.h"

#include "lib/base/os.h"
#include "lib/space/metadata.h"

struct page_map_window page_map_window = {.first = PAGE_MAP_NOWHERE};

/* The flat maps become writable in pieces, each for 16 GiB of addresses: few, as addresses are used side by side. */
#define PIECE_BITS (34 - PAGE_SHIFT)
#define PIECE_PAGES ((size_t)1 << PIECE_BITS)
_Static_assert(PAGE_MAP_WINDOW / PIECE_PAGES == 64, "a bit for each");
static _Atomic(uint64_t) writable; /* pieces */

/* What the maps may take of the addresses that the process may have. */
#define LIMIT_SHARE 16

/* Of the window so much lies above the first address. */
#define ABOVE_SHARE 4

/* The second level covers 4 GiB: small enough to be made under a tight RLIMIT_AS (768 KiB), and one or two serve a
 * whole program, because the kernel places mappings side by side. */
#define LEAF_BITS 16
#define LEAF_PAGES ((size_t)1 << LEAF_BITS)
#define ROOT_ENTRIES ((size_t)1 << (ADDRESS_BITS - PAGE_SHIFT - LEAF_BITS))

struct leaf {
    _Atomic(uint32_t) entry[LEAF_PAGES];
    _Atomic(void *) descriptor[LEAF_PAGES];
};

/* Written once for each leaf by compare-and-swap (release), read with acquire, so that a reader sees the zeroed leaf.
 */
static _Atomic(struct leaf *) root[ROOT_ENTRIES];

static size_t page_number(const void *address)
{
    return (uintptr_t)address >> PAGE_SHIFT;
}

void page_map_start(void)
{
    const size_t entries = PAGE_MAP_WINDOW * sizeof *page_map_window.entry,
                 descriptors = PAGE_MAP_WINDOW * sizeof *page_map_window.descriptor;
    if (os_address_limit() / LIMIT_SHARE < entries + descriptors)
        return;
    char *both = os_reserve(entries + descriptors);
    if (both == NULL)
        return;
    page_map_window.descriptor = (_Atomic(void *) *)(both + entries);
    page_map_window.entry = (_Atomic(uint32_t) *)both;
    size_t here = page_number(both), below = PAGE_MAP_WINDOW - PAGE_MAP_WINDOW / ABOVE_SHARE;
    atomic_thread_fence(
        memory_order_release); /* `first` lets others use the maps: they begin when the process is ready (start.c) */
    page_map_window.first = size_minimum(here > below ? here - below : 0, PAGE_MAP_PAGES - PAGE_MAP_WINDOW);
}

static bool is_in_window(size_t page)
{
    return page - page_map_window.first < PAGE_MAP_WINDOW;
}

/* Makes the piece of the flat maps writable that has PAGE. Two threads may do so at once. */
static bool need_piece(size_t page)
{
    size_t piece = (page - page_map_window.first) >> PIECE_BITS, first = piece << PIECE_BITS;
    /* Acquire pairs with the release below: who sees the bit may write. */
    if ((atomic_load_explicit(&writable, memory_order_acquire) >> piece & 1) != 0)
        return true;
    if (!os_make_writable(page_map_window.entry + first, PIECE_PAGES * sizeof *page_map_window.entry) ||
        !os_make_writable(page_map_window.descriptor + first, PIECE_PAGES * sizeof *page_map_window.descriptor))
        return false;
    atomic_fetch_or_explicit(&writable, UINT64_C(1) << piece, memory_order_release);
    return true;
}

static struct leaf *leaf_of(size_t page)
{
    return atomic_load_explicit(&root[page >> LEAF_BITS], memory_order_acquire);
}

/* Makes the leaf of PAGE if it is not there. */
static bool need_leaf(size_t page)
{
    if (leaf_of(page) != NULL)
        return true;
    struct leaf *made = os_map(sizeof *made);
    if (made == NULL)
        return false;
    struct leaf *none = NULL;
    if (!atomic_compare_exchange_strong_explicit(&root[page >> LEAF_BITS], &none, made, memory_order_release,
                                                 memory_order_relaxed))
        os_unmap(made, sizeof *made); /* another thread was first */
    return true;
}

static bool need_room(size_t page)
{
    return is_in_window(page) ? need_piece(page) : need_leaf(page);
}

static _Atomic(uint32_t) *entry_slot(size_t page)
{
    if (LIKELY(is_in_window(page)))
        return &page_map_window.entry[page - page_map_window.first];
    return &leaf_of(page)->entry[page & (LEAF_PAGES - 1)];
}

static _Atomic(void *) *descriptor_slot(size_t page)
{
    if (LIKELY(is_in_window(page)))
        return &page_map_window.descriptor[page - page_map_window.first];
    return &leaf_of(page)->descriptor[page & (LEAF_PAGES - 1)];
}

bool page_map_set(const void *address, size_t pages, uint32_t entry, void *descriptor)
{
    size_t first = page_number(address);
    if (first + pages > PAGE_MAP_PAGES)
        return false;
    for (size_t page = first; page < first + pages; page++)
        if (!need_room(page))
            return false;
    for (size_t page = first; page < first + pages; page++) {
        atomic_store_explicit(descriptor_slot(page), descriptor, memory_order_relaxed);
        atomic_store_explicit(entry_slot(page), entry, memory_order_relaxed);
    }
    return true;
}

void page_map_change(const void *address, size_t pages, uint32_t entry)
{
    size_t first = page_number(address);
    for (size_t page = first; page < first + pages; page++)
        atomic_store_explicit(entry_slot(page), entry, memory_order_relaxed);
}

void page_map_clear(const void *address, size_t pages)
{
    page_map_change(address, pages, PAGE_FOREIGN);
}

uint32_t page_map_entry_elsewhere(const void *address)
{
    size_t page = page_number(address);
    if (page >= PAGE_MAP_PAGES || leaf_of(page) == NULL)
        return PAGE_FOREIGN;
    return atomic_load_explicit(entry_slot(page), memory_order_relaxed);
}

void *page_map_descriptor(const void *address)
{
    return atomic_load_explicit(descriptor_slot(page_number(address)), memory_order_relaxed);
}
