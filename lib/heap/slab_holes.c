/* SPDX-License-Identifier: MIT */
#include "lib/heap/slab_holes.h"

#include "lib/base/os.h"
#include "lib/base/probe.h"

#define UNITS_MOST 64

static size_t slab_bytes(const struct slab *slab)
{
    return (size_t)size_classes[slab->class].pages << PAGE_SHIFT;
}

static size_t unit_bytes(const struct slab *slab)
{
    return round_up(slab_bytes(slab) / UNITS_MOST, os_page_bytes);
}

static unsigned units(const struct slab *slab)
{
    return (unsigned)(slab_bytes(slab) / unit_bytes(slab));
}

/* Whether the blocks FIRST to LAST are free. */
static bool are_free(const struct slab *slab, uint32_t first, uint32_t last)
{
    for (uint32_t word = first / 64; word <= last / 64; word++) {
        uint32_t from = word == first / 64 ? first % 64 : 0, to = word == last / 64 ? last % 64 : 63;
        uint64_t wanted = (~UINT64_C(0) >> (63 - to + from)) << from;
        if ((slab->free_bits[word] & wanted) != wanted)
            return false;
    }
    return true;
}

/* Whether no block in use lies in UNIT. */
static bool is_empty(const struct slab *slab, unsigned unit)
{
    size_t size = size_classes[slab->class].size, bytes = unit_bytes(slab);
    uint32_t first = (uint32_t)(unit * bytes / size), last = (uint32_t)(((unit + 1) * bytes - 1) / size);
    last = (uint32_t)size_minimum(last, slab->blocks - 1u);
    return first > last || are_free(slab, first, last);
}

/* Whether UNIT has memory behind it: a block in it has been used. */
static bool is_used(const struct slab *slab, unsigned unit)
{
    return unit * unit_bytes(slab) / size_classes[slab->class].size < slab->untouched;
}

size_t slab_purged_bytes(const struct slab *slab)
{
    return (size_t)__builtin_popcountll(slab->purged) * unit_bytes(slab);
}

static uint64_t holes(const struct slab *slab)
{
    uint64_t found = 0;
    for (unsigned unit = 0; unit < units(slab) && is_used(slab, unit); unit++)
        found |= (uint64_t)is_empty(slab, unit) << unit;
    return found & ~slab->purged;
}

size_t slab_purge_holes(struct slab *slab)
{
    uint64_t left = holes(slab);
    size_t bytes = unit_bytes(slab), purged = 0;
    while (left != 0) {
        unsigned first = (unsigned)__builtin_ctzll(left);
        uint64_t behind = ~(left >> first);
        unsigned count = behind == 0 ? UNITS_MOST - first : (unsigned)__builtin_ctzll(behind);
        uint64_t run = ~UINT64_C(0) >> (UNITS_MOST - count) << first;
        left &= ~run;
        if (os_discard(slab->base + first * bytes, count * bytes)) {
            probe_purge(slab->base + first * bytes, count * bytes, PROBE_DISCARDED);
            slab->purged |= run;
            purged += count * bytes;
        }
    }
    if (purged != 0 && slab->filled) {
        slab->filled = false;
        superslab_note_filled(slab->superslab, -(int32_t)size_classes[slab->class].pages);
    }
    return purged;
}

void slab_note_refault(struct slab *slab)
{
    for (uint64_t left = slab->purged; left != 0; left &= left - 1) {
        unsigned unit = (unsigned)__builtin_ctzll(left);
        if (!is_empty(slab, unit))
            slab->purged &= ~(UINT64_C(1) << unit);
    }
}
