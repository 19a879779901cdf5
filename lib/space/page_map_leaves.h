/* SPDX-License-Identifier: MIT */
/* The page map's leaves: entries and descriptors of pages outside of its window (page_map.h), 1024 pages each, in a
 * hash table. None is ever removed.
 *
 * Any thread may look one up; whoever has the page map's lock makes them. For page_map.c alone. Below: metadata. */
#ifndef HAK_SPACE_PAGE_MAP_LEAVES_H
#define HAK_SPACE_PAGE_MAP_LEAVES_H

#include "lib/base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_LEAF_BITS 10
#define PAGE_LEAF_PAGES ((size_t)1 << PAGE_LEAF_BITS)

/* Chains stay short up to 256 GiB outside of the window. */
#define PAGE_LEAF_BUCKETS 4096

struct page_leaf {
    size_t number;          /* const: of its first page, by PAGE_LEAF_PAGES */
    struct page_leaf *next; /* const: in its bucket */
    _Atomic(void *) descriptor[PAGE_LEAF_PAGES];
    _Atomic(uint32_t) entry[PAGE_LEAF_PAGES];
};

/* The leaf that has page number PAGE; NULL if there is none. */
struct page_leaf *page_leaf_of(size_t page);

/* Makes it if it is not there; false where memory is refused. Under the lock. */
bool page_leaf_need(size_t page);

/* The first leaf of bucket INDEX; NULL if there is none. */
struct page_leaf *page_leaf_first(size_t index);

/* By the number of leaves. For page_map_leaves.c, and for observe/root.c. */
extern HIDDEN _Atomic(struct page_leaf *) page_leaf_buckets[PAGE_LEAF_BUCKETS];

#endif
