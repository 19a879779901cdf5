/* SPDX-License-Identifier: MIT */
/* The page map: for each 64 KiB page of the address space, who owns it and what is in it. It lies outside the heap, so
 * free() touches no header.
 *
 * An entry is 32 bits: the owning heap's id (24 bits) above the size class (8 bits). A thread has for each class the
 * entry of the pages whose blocks it may keep; every other entry is a page of another heap, or a special value: owner
 * 0, which no heap has.
 *
 * Beside it lies the page's descriptor (struct slab or struct large), for the slow paths.
 *
 * The window has both, as flat arrays, for the addresses where the heap lies. The first one covers 512 MiB round the
 * first page that is set, and is part of the library. A page outside of it has a larger one made, 4 times as long each
 * time and up to 1 TiB, in reserved address space of which pieces are made writable as pages in them are set; where
 * that would not do, because a program has reserved much in between, a new one is made where most pages are. Pages
 * outside of the window have leaves, each for 64 MiB of addresses and found by a hash of the address; free of their
 * blocks takes its slow path. A window that is replaced stays mapped as it is: a thread may be about to read it.
 *
 * Writers: whoever owns the page, before a pointer into it is handed out, and after the last one came back; an adopter
 * changes the owner while other threads read. One lock orders them with the change of windows. Entries are atomic and
 * relaxed: a reader got its pointer from somebody, and what synchronised that hand-over orders the entry as well, and
 * the window in which it was written; and which of two owners a third thread sees makes no difference to it (neither is
 * itself).
 *
 * Any thread may call anything. Below: metadata, base/os. */
#ifndef HAK_SPACE_PAGE_MAP_H
#define HAK_SPACE_PAGE_MAP_H

#include "lib/base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_MAP_CLASS_BITS 8
#define PAGE_MAP_CLASSES (1u << PAGE_MAP_CLASS_BITS)

/* Of owner 0; seen as size classes, which any byte of an entry is taken for, they are small. */
#define PAGE_FOREIGN 0u                /* not ours: never mapped by us, or empty */
#define PAGE_LARGE 1u                  /* the first page of a large block */
#define PAGE_SAMPLED 2u                /* of a slab whose blocks the heap profile watches (heap/sampled.h) */
#define PAGE_GUARDED 3u                /* of blocks between guard pages (guarded_slots.h) */
#define PAGE_SPECIAL_MOST PAGE_GUARDED /* what is above has an owner and a class */

/* Its entries follow it, so that one pointer leads to all that free() needs. Const where others see it. */
struct page_map_window {
    _Alignas(CACHE_LINE) size_t first; /* its first page */
    size_t pages;
    _Atomic(void *) *descriptor; /* of its pages */
};

/* The window, written under the lock: the release store of a new one is after its entries' stores, and a reader's
 * loads have addresses that depend on it. Alone in a cache line. */
extern HIDDEN struct page_map_place {
    _Alignas(CACHE_LINE) _Atomic(struct page_map_window *) window;
} page_map_place;

/* Sets entry and descriptor of PAGES pages from ADDRESS on. False if memory for a leaf or for a piece of the window is
 * refused; then nothing was set. */
bool page_map_set(const void *address, size_t pages, uint32_t entry, void *descriptor);

/* Changes the entry of pages that are set, to another that is not PAGE_FOREIGN. */
void page_map_change(const void *address, size_t pages, uint32_t entry);

/* Makes the pages, which are set, foreign again. */
void page_map_clear(const void *address, size_t pages);

/* The entry of an address outside of the window. */
NOINLINE uint32_t page_map_entry_elsewhere(const void *address);

/* The size class in an entry; of special values, some class. */
static ALWAYS_INLINE unsigned page_map_class(uint32_t entry)
{
    return entry & (PAGE_MAP_CLASSES - 1);
}

/* ThreadSanitizer does not know that loads whose addresses depend on this one come after it. */
#ifdef __SANITIZE_THREAD__
#define PAGE_MAP_WINDOW_ORDER memory_order_acquire
#else
#define PAGE_MAP_WINDOW_ORDER memory_order_relaxed
#endif

static ALWAYS_INLINE struct page_map_window *page_map_window(void)
{
    return atomic_load_explicit(&page_map_place.window, PAGE_MAP_WINDOW_ORDER);
}

/* The number of ADDRESS's page in the window, which has it if that is less than its `pages`. */
static ALWAYS_INLINE size_t page_map_window_page(struct page_map_window *window, const void *address)
{
    return ((uintptr_t)address >> PAGE_SHIFT) - window->first;
}

/* The same of a block, which starts at a multiple of 16: no window has the page that it gives for another address. */
static ALWAYS_INLINE size_t page_map_window_block_page(struct page_map_window *window, const void *block)
{
    _Static_assert(BLOCK_ALIGNMENT == 16, "the low 4 bits become the highest ones");
    uintptr_t address = (uintptr_t)block;
    return ((address >> 4 | address << (8 * sizeof address - 4)) >> (PAGE_SHIFT - 4)) - window->first;
}

static ALWAYS_INLINE _Atomic(uint32_t) *page_map_window_entries(struct page_map_window *window)
{
    return (_Atomic(uint32_t) *)(window + 1);
}

static ALWAYS_INLINE uint32_t page_map_window_entry(struct page_map_window *window, size_t page)
{
    return atomic_load_explicit(&page_map_window_entries(window)[page], memory_order_relaxed);
}

/* The entry of any address, whatever it is. */
static ALWAYS_INLINE uint32_t page_map_entry(const void *address)
{
    struct page_map_window *window = page_map_window();
    size_t page = page_map_window_page(window, address);
    if (LIKELY(page < window->pages))
        return page_map_window_entry(window, page);
    return page_map_entry_elsewhere(address);
}

/* The descriptor of the page of ADDRESS, whose entry is not PAGE_FOREIGN, or was not once. */
void *page_map_descriptor(const void *address);

/* The same, without a call where the window has it. */
static ALWAYS_INLINE void *page_map_near_descriptor(const void *address)
{
    struct page_map_window *window = page_map_window();
    size_t page = page_map_window_page(window, address);
    return LIKELY(page < window->pages) ? atomic_load_explicit(&window->descriptor[page], memory_order_relaxed)
                                        : page_map_descriptor(address);
}

/* Bytes mapped for windows, as far as they were ever written to: the rest is addresses without memory. Leaves are
 * metadata, and the first window is part of the library. Without a lock. */
uint64_t page_map_bytes(void);

/* Where that is counted: for page_map.c, and for observe/root.c. */
extern HIDDEN _Atomic uint64_t page_map_piece_bytes;

/* For fork: the lock of this file. */
void page_map_lock(void);
void page_map_unlock(void);
void page_map_reset_lock(void);

#endif
