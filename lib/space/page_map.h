/* SPDX-License-Identifier: MIT */
/* The page map: for each 64 KiB page of the address space, who owns it and what is in it. It lies outside the heap, so
 * free() needs one load and touches no header.
 *
 * An entry is 32 bits: the owning heap's id (24 bits) above the size class (8 bits). A thread has for each class the
 * entry of the pages whose blocks it may keep; every other entry is a page of another heap, or a special value: owner
 * 0, which no heap has.
 *
 * Beside it lies the descriptor map, which leads from a page to its descriptor (struct slab or struct large), for the
 * slow paths.
 *
 * Both are flat arrays over a window of 1 TiB of addresses, most of it below the first address that the kernel gave,
 * since it gives them one below the other: 64 + 128 MiB of address space, reserved, readable, and writable where pages
 * are in use; 12 bytes of memory for each of those. For addresses outside of the window two levels serve instead, and
 * for all where the reservation is refused or would take much of what the process may have (RLIMIT_AS): such pages send
 * every free() down its slow path.
 *
 * Writers: whoever owns the page, before a pointer into it is handed out, and after the last one came back; an adopter
 * changes the owner while other threads read. Entries are therefore atomic and relaxed: a reader got its pointer from
 * somebody, and what synchronised that hand-over orders the entry as well; and which of two owners a third thread sees
 * makes no difference to it (neither is itself). */
#ifndef HAK_SPACE_PAGE_MAP_H
#define HAK_SPACE_PAGE_MAP_H

#include "lib/base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits of the addresses that the kernel gives to programs which do not ask for larger ones: 2^47 bytes on x86-64, up to
 * 2^48 elsewhere. */
#ifdef __x86_64__
#define ADDRESS_BITS 47
#else
#define ADDRESS_BITS 48
#endif
#define PAGE_MAP_PAGES ((size_t)1 << (ADDRESS_BITS - PAGE_SHIFT))
#define PAGE_MAP_WINDOW ((size_t)1 << (40 - PAGE_SHIFT)) /* pages */
#define PAGE_MAP_NOWHERE \
    ((size_t)1 << (8 * sizeof(size_t) - 1)) /* where the window is if there is none: it has no page of any address */
#define PAGE_MAP_CLASS_BITS 8
#define PAGE_MAP_CLASSES (1u << PAGE_MAP_CLASS_BITS)

/* Of owner 0; seen as size classes, which any byte of an entry is taken for, they are small. */
#define PAGE_FOREIGN 0u /* not ours: never mapped by us, or empty */
#define PAGE_LARGE 1u   /* the first page of a large block */

/* Const after page_map_start, and alone in a cache line. */
extern HIDDEN struct page_map_window {
    _Alignas(CACHE_LINE) _Atomic(uint32_t) *entry; /* of its pages; NULL: two levels for all addresses */
    size_t first;                                  /* its first page */
    _Atomic(void *) *descriptor;                   /* of its pages */
} page_map_window;

/* Reserves the maps. Called once, before any other function here. */
COLD void page_map_start(void);

/* Sets entry and descriptor of PAGES pages from ADDRESS on. False if memory for a second-level table is refused, or the
 * addresses have more than ADDRESS_BITS; then nothing was set. */
bool page_map_set(const void *address, size_t pages, uint32_t entry, void *descriptor);

/* Changes the entry of pages that are set. */
void page_map_change(const void *address, size_t pages, uint32_t entry);

/* Makes the pages foreign again. */
void page_map_clear(const void *address, size_t pages);

/* The entry of an address outside of the window. */
NOINLINE uint32_t page_map_entry_elsewhere(const void *address);

/* The size class in an entry; of special values, some class. */
static ALWAYS_INLINE unsigned page_map_class(uint32_t entry)
{
    return entry & (PAGE_MAP_CLASSES - 1);
}

/* The entry of any address, whatever it is. */
static ALWAYS_INLINE uint32_t page_map_entry(const void *address)
{
    size_t page = ((uintptr_t)address >> PAGE_SHIFT) - page_map_window.first;
    if (LIKELY(page < PAGE_MAP_WINDOW))
        return atomic_load_explicit(&page_map_window.entry[page], memory_order_relaxed);
    return page_map_entry_elsewhere(address);
}

/* The descriptor of the page of ADDRESS, whose entry is not PAGE_FOREIGN. */
void *page_map_descriptor(const void *address);

#endif
