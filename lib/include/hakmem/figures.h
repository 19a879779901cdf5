/* SPDX-License-Identifier: MIT */
/* What the statistics make of the counts of the structures. The library uses it, and so does whoever reads the counts
 * of another process; so both say the same. Not installed.
 *
 * Pure functions. Counts of running threads may contradict each other; the figures that come out never do: what a class
 * has is always the sum of its parts. */
#ifndef HAKMEM_FIGURES_H
#define HAKMEM_FIGURES_H

#include <stdint.h>

/* One size class over all heaps, as it is counted. */
struct hak_class_counts {
    uint32_t size;      /* bytes of a block */
    uint32_t blocks;    /* in one slab */
    uint64_t slab_size; /* bytes of one slab */
    uint64_t slabs;     /* in use */
    int64_t taken;      /* blocks taken out of slabs, less those put back: the sum over the heaps that own slabs */
    uint64_t cached;    /* of them in threads' stacks and in their buffers of remote frees */
    uint64_t returned;  /* of them freed by another thread into a slab whose owner has not taken them back */
};

/* The same, as it is said. */
struct hak_class_figures {
    /* blocks: their sum is what the slabs have room for */
    uint64_t allocated; /* with the program */
    uint64_t cached;    /* free, in thread caches */
    uint64_t free;      /* free, in slabs */
    /* bytes: slab_bytes is the sum of the others */
    uint64_t slab_bytes, allocated_bytes, cached_bytes, free_bytes;
    uint64_t rounding_bytes; /* behind the last block of each slab */
};

static inline uint64_t hak_figures_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline struct hak_class_figures hak_class_figures(const struct hak_class_counts *counts)
{
    uint64_t room = counts->slabs * counts->blocks;
    int64_t held = counts->taken - (int64_t)counts->cached - (int64_t)counts->returned;
    struct hak_class_figures figures = {.cached = hak_figures_least(counts->cached, room),
                                        .slab_bytes = counts->slabs * counts->slab_size};
    figures.allocated = held < 0 ? 0 : hak_figures_least((uint64_t)held, room - figures.cached);
    figures.free = room - figures.cached - figures.allocated;
    figures.allocated_bytes = figures.allocated * counts->size;
    figures.cached_bytes = figures.cached * counts->size;
    figures.free_bytes = figures.free * counts->size;
    figures.rounding_bytes = figures.slab_bytes - room * counts->size;
    return figures;
}

/* The share of WHOLE bytes that PART does not use: 0 to 1. */
static inline double hak_fragmentation(uint64_t part, uint64_t whole)
{
    return whole == 0 || part >= whole ? 0 : 1.0 - (double)part / (double)whole;
}

/* Bytes that are mapped for blocks and belong to none, nor to a slab: SuperSlabs have USED of their MAPPED bytes in
 * slabs and runs of large blocks; CACHED is of freed mappings that wait for the next large block. */
static inline uint64_t hak_retained_bytes(uint64_t mapped, uint64_t used, uint64_t cached)
{
    return (mapped < used ? 0 : mapped - used) + cached;
}

#endif
