/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the parts of a snapshot are read, for snapshot.c, read_heaps.c, read_space.c and read_pages.c alone. Every
 * pointer that is followed leads to a read that may fail, every loop has a bound that is not read, and every figure is
 * held against what it may be. Below: snapshot. */
#ifndef HAK_INSPECT_READ_H
#define HAK_INSPECT_READ_H

#include "cli/inspect/snapshot.h"

/* The classes; without them nothing makes sense. */
bool read_classes(struct snapshot *snapshot, struct target *target);

/* Heaps, and what is taken and stacked of each class. */
void read_heaps(struct snapshot *snapshot, struct grown *heaps, struct target *target);

/* Blocks on their way back to other heaps, by class. After read_space, which knows what lies where. */
void read_buffers(struct snapshot *snapshot, struct target *target);

/* SuperSlabs with what their pages are, and large blocks. */
void read_space(struct snapshot *snapshot, struct snapshot_lists *lists, struct target *target);

/* What the pool has counted. */
void read_counts(struct snapshot *snapshot, struct target *target);

/* Sets of the pages of one SuperSlab: a bit for each. */
struct read_sets {
    uint64_t *used, *resident, *released, *dirty;
};

/* The runs of COUNT SuperSlabs for slabs, whose pages are no more than some thousand together. */
void read_slabs(struct snapshot *snapshot, struct snapshot_superslab *superslabs, const struct read_sets *sets,
                size_t count, struct target *target);

/* Adds a run to SUPERSLAB, which has those added last; PAGES may be 0. */
struct snapshot_run *read_add_run(struct snapshot *snapshot, struct snapshot_superslab *superslab, size_t first,
                                  size_t pages, enum page_use use);

/* Adds runs of the pages FIRST to END - 1, none of which is used; those that are after all count as moving. */
void read_add_unused(struct snapshot *snapshot, struct snapshot_superslab *superslab, const struct read_sets *sets,
                     size_t first, size_t end);

/* The run that ADDRESS lies in; NULL: none. */
const struct snapshot_run *read_find_run(const struct snapshot *snapshot, uint64_t address);

static inline bool read_bit(const uint64_t *set, size_t page)
{
    return set[page / 64] >> page % 64 & 1;
}

#endif
