/* SPDX-License-Identifier: MIT */
/* A census: where the memory of all descriptors of one kind lies, for readers without a lock: statistics, in a signal
 * handler as well, and tools that look at a process from outside.
 *
 * Descriptors are never freed, so the list of them only grows. Each says in one word which range it has now, or that it
 * has none. A reader may find a range that has gone by the time it looks there, and must not touch its memory.
 *
 * Writers hold the lock of the descriptors; any thread may read. Below: base. */
#ifndef HAK_SPACE_CENSUS_H
#define HAK_SPACE_CENSUS_H

#include "lib/base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A range as one word: the number of its first page (64 KiB) in the upper half; in the lower one its number of pages
 * and, as the top bit, a mark. 0: none. The kernel gives addresses below 2^48 to all who do not ask for others. */
#define CENSUS_COUNT_BITS 31
#define CENSUS_MARK (UINT64_C(1) << CENSUS_COUNT_BITS)
#define CENSUS_NUMBER_SHIFT 32

struct census_entry {
    struct census_entry *next; /* const after it was entered */
    _Atomic uint64_t range;    /* written under the lock of the descriptors, read without (relaxed) */
};

struct census {
    _Atomic(struct census_entry *) first; /* pushed under that lock (release), read without (acquire) */
};

struct census_range {
    char *base;
    size_t bytes;
    bool marked;
};

/* ENTRY, of a new descriptor, has no range yet. */
static inline void census_enter(struct census *census, struct census_entry *entry)
{
    entry->next = atomic_load_explicit(&census->first, memory_order_relaxed);
    atomic_store_explicit(&census->first, entry, memory_order_release);
}

/* The descriptor has BYTES, whole pages, at BASE. */
static inline void census_note(struct census_entry *entry, const void *base, size_t bytes, bool mark)
{
    uint64_t number = (uintptr_t)base >> PAGE_SHIFT << CENSUS_NUMBER_SHIFT;
    uint64_t count = (bytes >> PAGE_SHIFT) & (CENSUS_MARK - 1);
    atomic_store_explicit(&entry->range, number | (mark ? CENSUS_MARK : 0) | count, memory_order_relaxed);
}

/* It has none any more. Before its memory goes. */
static inline void census_clear(struct census_entry *entry)
{
    atomic_store_explicit(&entry->range, 0, memory_order_relaxed);
}

/* Pure. */
static inline struct census_range census_range_of(uint64_t word)
{
    return (struct census_range){.base = (char *)(uintptr_t)(word >> CENSUS_NUMBER_SHIFT << PAGE_SHIFT),
                                 .bytes = (word & (CENSUS_MARK - 1)) << PAGE_SHIFT,
                                 .marked = (word & CENSUS_MARK) != 0};
}

/* Calls VISIT for every range that there is. */
static inline void census_each(const struct census *census, void (*visit)(struct census_range range, void *context),
                               void *context)
{
    /* Acquire pairs with the release in census_enter. */
    struct census_entry *entry = atomic_load_explicit(&census->first, memory_order_acquire);
    for (; entry != NULL; entry = entry->next) {
        uint64_t word = atomic_load_explicit(&entry->range, memory_order_relaxed);
        if (word != 0)
            visit(census_range_of(word), context);
    }
}

#endif
