#include "lib/space/page_map.h"

#include "lib/base/os.h"
#include "lib/space/metadata.h"

_Atomic(uint32_t) *page_map_flat;
size_t page_map_flat_pages;

/* The second level covers 4 GiB: small enough to be made under a tight RLIMIT_AS (768 KiB), and one or two serve a whole program, because the
 * kernel places mappings side by side. */
#define LEAF_BITS 16
#define LEAF_PAGES ((size_t)1 << LEAF_BITS)
#define ROOT_ENTRIES ((size_t)1 << (ADDRESS_BITS - PAGE_SHIFT - LEAF_BITS))

struct leaf {
    _Atomic(uint32_t) entry[LEAF_PAGES];
    _Atomic(void *) descriptor[LEAF_PAGES];
};

/* Written once for each leaf by compare-and-swap (release), read with acquire, so that a reader sees the zeroed leaf. */
static _Atomic(struct leaf *) root[ROOT_ENTRIES];

static _Atomic(void *) *descriptor_map_flat; /* const after page_map_start */

void page_map_start(void)
{
    page_map_flat = os_reserve(PAGE_MAP_PAGES * sizeof *page_map_flat);
    if (page_map_flat == NULL)
        return;
    descriptor_map_flat = os_reserve(PAGE_MAP_PAGES * sizeof *descriptor_map_flat);
    if (descriptor_map_flat == NULL) {
        os_unmap(page_map_flat, PAGE_MAP_PAGES * sizeof *page_map_flat);
        page_map_flat = NULL;
        return;
    }
    page_map_flat_pages = PAGE_MAP_PAGES;
}

static size_t page_number(const void *address)
{
    return (uintptr_t)address >> PAGE_SHIFT;
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
    if (!atomic_compare_exchange_strong_explicit(&root[page >> LEAF_BITS], &none, made, memory_order_release, memory_order_relaxed))
        os_unmap(made, sizeof *made); /* another thread was first */
    return true;
}

static _Atomic(uint32_t) *entry_slot(size_t page)
{
    return page_map_flat != NULL ? &page_map_flat[page] : &leaf_of(page)->entry[page & (LEAF_PAGES - 1)];
}

static _Atomic(void *) *descriptor_slot(size_t page)
{
    return page_map_flat != NULL ? &descriptor_map_flat[page] : &leaf_of(page)->descriptor[page & (LEAF_PAGES - 1)];
}

bool page_map_set(const void *address, size_t pages, uint32_t entry, void *descriptor)
{
    size_t first = page_number(address);
    if (first + pages > PAGE_MAP_PAGES)
        return false;
    if (page_map_flat == NULL)
        for (size_t page = first; page < first + pages; page++)
            if (!need_leaf(page))
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
    if (page >= PAGE_MAP_PAGES || page_map_flat != NULL || leaf_of(page) == NULL)
        return PAGE_FOREIGN;
    return atomic_load_explicit(entry_slot(page), memory_order_relaxed);
}

void *page_map_descriptor(const void *address)
{
    return atomic_load_explicit(descriptor_slot(page_number(address)), memory_order_relaxed);
}
