/* SPDX-License-Identifier: MIT */
#include "lib/space/page_map_leaves.h"

#include "lib/space/metadata.h"

/* A leaf is pushed under the lock (release), and found without it (acquire). */
_Atomic(struct page_leaf *) page_leaf_buckets[PAGE_LEAF_BUCKETS];

static _Atomic(struct page_leaf *) *bucket_of(size_t number)
{
    return &page_leaf_buckets[number % PAGE_LEAF_BUCKETS];
}

struct page_leaf *page_leaf_of(size_t page)
{
    size_t number = page >> PAGE_LEAF_BITS;
    struct page_leaf *leaf = atomic_load_explicit(bucket_of(number), memory_order_acquire);
    while (leaf != NULL && leaf->number != number)
        leaf = leaf->next;
    return leaf;
}

bool page_leaf_need(size_t page)
{
    if (page_leaf_of(page) != NULL)
        return true;
    struct page_leaf *leaf = metadata_new(sizeof *leaf);
    if (leaf == NULL)
        return false;
    _Atomic(struct page_leaf *) *place = bucket_of(page >> PAGE_LEAF_BITS);
    leaf->number = page >> PAGE_LEAF_BITS;
    leaf->next = atomic_load_explicit(place, memory_order_relaxed);
    atomic_store_explicit(place, leaf, memory_order_release);
    return true;
}

struct page_leaf *page_leaf_first(size_t index)
{
    return atomic_load_explicit(&page_leaf_buckets[index], memory_order_acquire);
}
