/* SPDX-License-Identifier: MIT */
/* The sampled heap: slabs for the short blocks that the heap profile has sampled. Their pages have an entry of their
 * own, PAGE_SAMPLED, which no thread's key matches; so the fast path of free leaves them to free_slow, and needs no
 * test for them. Beside each block stands its owner's word. There are few such blocks, so one lock guards all. They are
 * as long as any of their class: realloc and malloc_usable_size treat those that are sampled as the others, which keeps
 * the estimates right.
 *
 * Any thread may call anything. Below: heap, slab. */
#ifndef HAK_HEAP_SAMPLED_H
#define HAK_HEAP_SAMPLED_H

#include "lib/heap/heap.h"

/* A block of CLASS with the word OWNER, which is not NULL; NULL if memory is refused. */
void *sampled_take(unsigned class, void *owner);

/* Gives back the block at POINTER, whose page's entry was PAGE_SAMPLED; returns its owner's word; NULL after
 * a report (report_misuse), where it is no block in use. */
void *sampled_give(void *pointer);

/* Bytes of the block at POINTER, whose page's entry is PAGE_SAMPLED; SAMPLED_NONE after a report that names FUNCTION,
 * where it is no block in use. */
#define SAMPLED_NONE SIZE_MAX
size_t sampled_usable(const void *pointer, const char *function);

/* What the owners' words take of metadata; any thread, without a lock. */
uint64_t sampled_owner_bytes(void);

/* For fork: the lock. */
void sampled_lock(void);
void sampled_unlock(void);
void sampled_reset_lock(void);

#endif
