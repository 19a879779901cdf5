/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See snapshot.h. */
#include "config.h"

#include "cli/inspect/snapshot.h"

#include "cli/inspect/read.h"
#include "cli/output/memory.h"
#include "cli/output/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

const char *snapshot_kind(uint8_t kind)
{
    static const char *const kinds[SNAPSHOT_KINDS] = {[HAK_INSPECT_PLAIN] = "slabs",
                                                      [HAK_INSPECT_DENSE] = "dense slabs",
                                                      [HAK_INSPECT_AREA] = "large blocks",
                                                      [HAK_INSPECT_LONG_AREA] = "long large blocks"};
    return kind < SNAPSHOT_KINDS ? kinds[kind] : "not known";
}

static void read_profile(struct snapshot *snapshot, struct target *target)
{
    const struct layout *layout = &target->layout;
    uint64_t address =
        layout_variable(layout, HAK_INSPECT_VARIABLE_PROFILE) + layout_offset(layout, HAK_INSPECT_PROFILE_NAME);
    if (!memory_read(&target->memory, address, snapshot->profile, sizeof snapshot->profile - 1))
        snapshot->profile[0] = '\0';
    utf8_clean(snapshot->profile, true);
}

/* --- what the pool has counted ------------------------------------------------------------------------------------ */

static uint64_t read_number(struct target *target, uint64_t address, struct snapshot *snapshot)
{
    uint64_t number = 0;
    snapshot->torn += !memory_read(&target->memory, address, &number, sizeof number);
    return number;
}

static uint64_t read_member(struct target *target, uint64_t structure, enum hak_inspect_member member,
                            struct snapshot *snapshot)
{
    return read_number(target, structure + layout_offset(&target->layout, member), snapshot);
}

/* The page heap for slabs is the first one. */
static void read_superslab_counts(struct snapshot *snapshot, uint64_t heap, struct target *target)
{
    snapshot->counts.superslabs = read_member(target, heap, HAK_INSPECT_PAGE_HEAP_COUNT, snapshot);
    snapshot->events.superslabs_mapped = read_member(target, heap, HAK_INSPECT_PAGE_HEAP_MAPPED, snapshot);
    snapshot->events.superslabs_unmapped = read_member(target, heap, HAK_INSPECT_PAGE_HEAP_UNMAPPED, snapshot);
}

static void read_page_heaps(struct snapshot *snapshot, uint64_t pool, struct target *target)
{
    const struct layout *layout = &target->layout;
    struct snapshot_counts *counts = &snapshot->counts;
    uint64_t heap = pool + layout_offset(layout, HAK_INSPECT_POOL_PAGE_HEAP);
    read_superslab_counts(snapshot, heap, target);
    for (uint32_t i = 0; i < layout->root.page_heaps; i++) {
        counts->superslab_bytes += read_member(target, heap, HAK_INSPECT_PAGE_HEAP_MAPPED_BYTES, snapshot);
        counts->superslab_used_bytes += read_member(target, heap, HAK_INSPECT_PAGE_HEAP_USED_BYTES, snapshot);
        snapshot->events.purged_bytes += read_member(target, heap, HAK_INSPECT_PAGE_HEAP_PURGED_BYTES, snapshot);
        heap += layout_bytes(layout, HAK_INSPECT_POOL_PAGE_HEAP);
    }
}

static uint64_t round_up(uint64_t value, uint64_t power_of_two)
{
    return (value + power_of_two - 1) & ~(power_of_two - 1);
}

/* What the stacks of one thread cache take that have grown beyond their capacities: a mapping for all of them. */
static uint64_t grown_bytes(const struct snapshot *snapshot)
{
    uint64_t slots = 0;
    for (size_t i = 0; i < snapshot->class_count; i++)
        slots += snapshot->classes[i].grown_slots;
    return round_up(slots * sizeof(void *), (uint64_t)sysconf(_SC_PAGESIZE));
}

static void read_metadata(struct snapshot *snapshot, struct target *target)
{
    const struct layout *layout = &target->layout;
    struct snapshot_counts *counts = &snapshot->counts;
    counts->metadata_bytes = read_number(target, layout_variable(layout, HAK_INSPECT_VARIABLE_METADATA), snapshot) +
                             read_number(target, layout_variable(layout, HAK_INSPECT_VARIABLE_PAGE_MAP), snapshot);
    if (read_number(target, layout_variable(layout, HAK_INSPECT_VARIABLE_BOOTSTRAP), snapshot) != 0)
        counts->metadata_bytes += layout->root.bootstrap_bytes;
    for (size_t i = 0; i < snapshot->heap_count; i++)
        counts->metadata_bytes +=
            (unsigned)(snapshot->heaps[i].has_grown + snapshot->heaps[i].has_grown_counted) * grown_bytes(snapshot);
}

static void read_guarded(struct snapshot *snapshot, struct target *target)
{
    struct snapshot_counts *counts = &snapshot->counts;
    uint64_t guarded = layout_variable(&target->layout, HAK_INSPECT_VARIABLE_GUARDED);
    counts->guarded_blocks = read_member(target, guarded, HAK_INSPECT_GUARDED_BLOCKS, snapshot);
    counts->guarded_block_bytes = read_member(target, guarded, HAK_INSPECT_GUARDED_BLOCK_BYTES, snapshot);
    counts->guarded_page_bytes = read_member(target, guarded, HAK_INSPECT_GUARDED_PAGE_BYTES, snapshot);
    counts->guard_refusals =
        read_number(target, layout_variable(&target->layout, HAK_INSPECT_VARIABLE_GUARD_REFUSALS), snapshot);
}

void read_counts(struct snapshot *snapshot, struct target *target)
{
    const struct layout *layout = &target->layout;
    struct snapshot_counts *counts = &snapshot->counts;
    uint64_t pool = layout_variable(layout, HAK_INSPECT_VARIABLE_POOL);
    uint64_t cache = pool + layout_offset(layout, HAK_INSPECT_POOL_MAPPINGS);
    uint64_t huge = layout_variable(layout, HAK_INSPECT_VARIABLE_HUGE);
    read_page_heaps(snapshot, pool, target);
    counts->mapping_bytes = read_member(target, pool, HAK_INSPECT_POOL_MAPPING_BYTES, snapshot);
    counts->retained_mapping_bytes = read_member(target, cache, HAK_INSPECT_MAPPINGS_BYTES, snapshot);
    counts->peak_mapped_bytes = read_member(target, pool, HAK_INSPECT_POOL_PEAK_MAPPED_BYTES, snapshot);
    counts->failures = read_member(target, pool, HAK_INSPECT_POOL_FAILURES, snapshot);
    counts->huge_page_requests = read_member(target, huge, HAK_INSPECT_HUGE_REQUESTS, snapshot);
    counts->huge_page_refusals = read_member(target, huge, HAK_INSPECT_HUGE_REFUSALS, snapshot);
    snapshot->events.purged_bytes += read_member(target, cache, HAK_INSPECT_MAPPINGS_PURGED_BYTES, snapshot);
    read_metadata(snapshot, target);
    read_guarded(snapshot, target);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static void add_up(struct snapshot *snapshot)
{
    struct snapshot_figures *figures = &snapshot->figures;
    const struct snapshot_counts *counts = &snapshot->counts;
    for (size_t i = 0; i < snapshot->class_count; i++) {
        struct snapshot_class *class = &snapshot->classes[i];
        class->figures = hak_class_figures(&class->counts);
        figures->allocated_blocks += class->figures.allocated;
        figures->allocated_bytes += class->figures.allocated_bytes;
        figures->cached_bytes += class->figures.cached_bytes;
        figures->free_bytes += class->figures.free_bytes;
        figures->rounding_bytes += class->figures.rounding_bytes;
        figures->slab_bytes += class->figures.slab_bytes;
        figures->slabs += class->counts.slabs;
    }
    figures->allocated_blocks += snapshot->large_blocks + counts->guarded_blocks;
    figures->allocated_bytes += snapshot->large_bytes + counts->guarded_block_bytes;
    if (counts->guarded_page_bytes > counts->guarded_block_bytes)
        figures->rounding_bytes += counts->guarded_page_bytes - counts->guarded_block_bytes;
    figures->retained_bytes =
        hak_retained_bytes(counts->superslab_bytes, counts->superslab_used_bytes, counts->retained_mapping_bytes);
    figures->mapped_bytes = counts->superslab_bytes + counts->mapping_bytes + counts->retained_mapping_bytes +
                            counts->guarded_page_bytes + counts->metadata_bytes;
    for (size_t i = 0; i < snapshot->superslab_count; i++)
        for (int use = 0; use < PAGE_USES; use++)
            figures->use_bytes[use] += (uint64_t)snapshot->superslabs[i].count[use] << snapshot->page_shift;
}

bool snapshot_take(struct snapshot *snapshot, struct snapshot_lists *lists, struct target *target)
{
    *snapshot = (struct snapshot){.time = now(), .page_shift = target->layout.root.page_shift};
    if (!read_classes(snapshot, target))
        return false;
    read_profile(snapshot, target);
    read_heaps(snapshot, &lists->heaps, target);
    read_space(snapshot, lists, target);
    read_buffers(snapshot, target);
    read_counts(snapshot, target);
    add_up(snapshot);
    if (target->memory.error == 0)
        return true;
    snapshot_free(snapshot);
    return false;
}

void snapshot_free(struct snapshot *snapshot)
{
    free(snapshot->heaps);
    free(snapshot->superslabs);
    free(snapshot->runs);
    free(snapshot->mappings);
    *snapshot = (struct snapshot){.class_count = 0};
}

void snapshot_lists_free(struct snapshot_lists *lists)
{
    grown_free(&lists->heaps);
    grown_free(&lists->superslabs);
    grown_free(&lists->large_blocks);
    grown_free(&lists->mappings);
}
