/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SuperSlabs, large blocks, and what the pool counts. See read.h. */
#include "config.h"

#include "cli/inspect/read.h"
#include "cli/output/memory.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 1024                   /* numbers or descriptors that are read by one call */
#define PAGES_AT_ONCE 8192             /* whose slabs are read together */
#define PAGES_MOST ((uint64_t)1 << 26) /* of all SuperSlabs: 4 TiB, which bounds what this program allocates */

/* A range as the library writes it into one word: the number of its first page, a mark, and how many pages it has. */
#define RANGE_NUMBER_SHIFT 32
#define RANGE_MARK (UINT64_C(1) << 31)

/* --- ranges ------------------------------------------------------------------------------------------------------- */

struct range {
    uint64_t base, bytes;
    size_t index; /* in its list */
    bool marked;
};

struct ranges {
    struct range *list; /* by address; malloc'd */
    size_t count;
};

static int by_address(const void *one, const void *other)
{
    const struct range *a = one, *b = other;
    return (a->base > b->base) - (a->base < b->base);
}

static void take_range(struct ranges *ranges, uint64_t word, size_t index, const struct target *target)
{
    uint32_t shift = target->layout.root.page_shift;
    uint64_t pages = word & (RANGE_MARK - 1);
    if (pages != 0)
        ranges->list[ranges->count++] = (struct range){.base = word >> RANGE_NUMBER_SHIFT << shift,
                                                       .bytes = pages << shift,
                                                       .index = index,
                                                       .marked = (word & RANGE_MARK) != 0};
}

/* Takes out ranges that overlap the one before: they are read while memory went from one descriptor to another. */
static void drop_overlaps(struct ranges *ranges, uint64_t *torn)
{
    size_t kept = 0;
    for (size_t i = 0; i < ranges->count; i++) {
        const struct range *before = kept > 0 ? &ranges->list[kept - 1] : NULL;
        bool overlaps = before && before->base + before->bytes > ranges->list[i].base;
        *torn += overlaps;
        if (!overlaps)
            ranges->list[kept++] = ranges->list[i];
    }
    ranges->count = kept;
}

/* The ranges that the members of LIST have now; the word is OFFSET after a member's beginning. */
static struct ranges read_ranges(const struct grown *list, size_t offset, struct target *target, uint64_t *torn)
{
    struct ranges ranges = {.list = must_have(calloc(list->count + 1, sizeof *ranges.list))};
    uint64_t words[AT_ONCE];
    struct memory_piece pieces[AT_ONCE];
    for (size_t first = 0; first < list->count; first += AT_ONCE) {
        size_t count = list->count - first < AT_ONCE ? list->count - first : AT_ONCE;
        for (size_t i = 0; i < count; i++)
            pieces[i] = (struct memory_piece){list->address[first + i] + offset, &words[i], sizeof words[i], false};
        memory_read_pieces(&target->memory, pieces, count);
        for (size_t i = 0; i < count; i++) {
            *torn += !pieces[i].is_read;
            if (pieces[i].is_read)
                take_range(&ranges, words[i], first + i, target);
        }
    }
    qsort(ranges.list, ranges.count, sizeof *ranges.list, by_address);
    drop_overlaps(&ranges, torn);
    return ranges;
}

/* Follows the census at VARIABLE and reads its ranges. */
static struct ranges read_census(struct grown *list, enum hak_inspect_variable variable, struct target *target,
                                 struct snapshot *snapshot)
{
    const struct layout *layout = &target->layout;
    grown_follow(list, &target->memory, layout_variable(layout, variable),
                 layout_offset(layout, HAK_INSPECT_CENSUS_NEXT));
    snapshot->is_missing_some |= list->is_cut;
    return read_ranges(list, layout_offset(layout, HAK_INSPECT_CENSUS_RANGE), target, &snapshot->torn);
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

struct snapshot_run *read_add_run(struct snapshot *snapshot, struct snapshot_superslab *superslab, size_t first,
                                  size_t pages, enum page_use use)
{
    if (snapshot->run_count == snapshot->run_room) {
        snapshot->run_room = snapshot->run_room ? 2 * snapshot->run_room : 256;
        snapshot->runs = must_have(reallocarray(snapshot->runs, snapshot->run_room, sizeof *snapshot->runs));
    }
    if (superslab->runs == 0)
        superslab->first_run = snapshot->run_count;
    superslab->runs++;
    superslab->count[use] += (uint32_t)pages;
    struct snapshot_run *run = &snapshot->runs[snapshot->run_count++];
    *run = (struct snapshot_run){.first = (uint32_t)first, .pages = (uint32_t)pages, .use = (uint8_t)use};
    return run;
}

/* What an unused page is; lazily freed ones are those that may hold something and are not known to have memory. */
static enum page_use use_of(const struct read_sets *sets, size_t page)
{
    if (read_bit(sets->used, page))
        return PAGES_MOVING;
    if (read_bit(sets->resident, page))
        return PAGES_RETAINED;
    if (read_bit(sets->dirty, page))
        return PAGES_LAZY;
    return read_bit(sets->released, page) ? PAGES_RELEASED : PAGES_FRESH;
}

void read_add_unused(struct snapshot *snapshot, struct snapshot_superslab *superslab, const struct read_sets *sets,
                     size_t first, size_t end)
{
    while (first < end) {
        enum page_use use = use_of(sets, first);
        size_t next = first + 1;
        while (next < end && use_of(sets, next) == use)
            next++;
        read_add_run(snapshot, superslab, first, next - first, use);
        snapshot->torn += use == PAGES_MOVING;
        first = next;
    }
}

/* The SuperSlab that ADDRESS lies in; NULL: none. */
static const struct snapshot_superslab *find_superslab(const struct snapshot *snapshot, uint64_t address)
{
    size_t low = 0, high = snapshot->superslab_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct snapshot_superslab *superslab = &snapshot->superslabs[middle];
        if (address < superslab->base)
            high = middle;
        else if ((address - superslab->base) >> snapshot->page_shift >= superslab->pages)
            low = middle + 1;
        else
            return superslab;
    }
    return NULL;
}

const struct snapshot_run *read_find_run(const struct snapshot *snapshot, uint64_t address)
{
    const struct snapshot_superslab *superslab = find_superslab(snapshot, address);
    size_t low = 0, high = superslab ? superslab->runs : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2, page = (size_t)((address - superslab->base) >> snapshot->page_shift);
        const struct snapshot_run *run = &snapshot->runs[superslab->first_run + middle];
        if (page < run->first)
            high = middle;
        else if (page - run->first >= run->pages)
            low = middle + 1;
        else
            return run;
    }
    return NULL;
}

/* --- SuperSlabs --------------------------------------------------------------------------------------------------- */

/* Some SuperSlabs, whose descriptors and sets are read together. */
struct batch {
    const struct grown *list;
    const struct range *ranges;
    size_t count;
    char *descriptors;
    uint64_t *words; /* of all sets */
    struct read_sets *sets;
    bool *good;
};

static size_t words_of(size_t pages)
{
    return (pages + 63) / 64;
}

static void read_descriptors(struct batch *batch, struct target *target)
{
    const struct layout *layout = &target->layout;
    size_t bytes = layout_bytes(layout, HAK_INSPECT_SUPERSLAB);
    struct memory_piece *pieces = must_have(calloc(batch->count, sizeof *pieces));
    for (size_t i = 0; i < batch->count; i++)
        pieces[i] = (struct memory_piece){.address = batch->list->address[batch->ranges[i].index] -
                                                     layout_offset(layout, HAK_INSPECT_SUPERSLAB_CENSUS),
                                          .to = batch->descriptors + i * bytes,
                                          .bytes = bytes};
    memory_read_pieces(&target->memory, pieces, batch->count);
    for (size_t i = 0; i < batch->count; i++)
        batch->good[i] = pieces[i].is_read;
    free(pieces);
}

static uint64_t *add_set(struct memory_piece *piece, const struct layout *layout, const char *descriptor,
                         enum hak_inspect_member set, uint64_t *to, size_t words)
{
    *piece =
        (struct memory_piece){.address = layout_get(layout, set, descriptor), .to = to, .bytes = words * sizeof *to};
    return to;
}

#define SETS 4

static void read_sets(struct batch *batch, struct target *target)
{
    const struct layout *layout = &target->layout;
    struct memory_piece *pieces = must_have(calloc(batch->count * SETS, sizeof *pieces));
    uint64_t *to = batch->words;
    for (size_t i = 0; i < batch->count; i++) {
        const char *descriptor = batch->descriptors + i * layout_bytes(layout, HAK_INSPECT_SUPERSLAB);
        size_t words = words_of((size_t)(batch->ranges[i].bytes >> layout->root.page_shift));
        struct memory_piece *piece = pieces + i * SETS;
        batch->good[i] &= layout_get(layout, HAK_INSPECT_SUPERSLAB_SET_WORDS, descriptor) >= words;
        batch->sets[i] = (struct read_sets){
            .used = add_set(piece, layout, descriptor, HAK_INSPECT_SUPERSLAB_USED, to, words),
            .resident = add_set(piece + 1, layout, descriptor, HAK_INSPECT_SUPERSLAB_RESIDENT, to + words, words),
            .released = add_set(piece + 2, layout, descriptor, HAK_INSPECT_SUPERSLAB_RELEASED, to + 2 * words, words),
            .dirty = add_set(piece + 3, layout, descriptor, HAK_INSPECT_SUPERSLAB_DIRTY, to + 3 * words, words)};
        to += SETS * words;
    }
    memory_read_pieces(&target->memory, pieces, batch->count * SETS);
    for (size_t i = 0; i < batch->count * SETS; i++)
        batch->good[i / SETS] &= pieces[i].is_read;
    free(pieces);
}

/* What of an area the large blocks in it have, which are from *BLOCK on; the rest is unused. */
static void add_area(struct snapshot *snapshot, struct snapshot_superslab *superslab, const struct read_sets *sets,
                     const struct ranges *blocks, size_t *block, uint32_t shift)
{
    uint64_t end = superslab->base + ((uint64_t)superslab->pages << shift);
    size_t page = 0;
    while (*block < blocks->count && blocks->list[*block].base < superslab->base)
        ++*block;
    for (; *block < blocks->count && blocks->list[*block].base < end; ++*block) {
        const struct range *range = &blocks->list[*block];
        size_t first = (size_t)((range->base - superslab->base) >> shift), pages = (size_t)(range->bytes >> shift);
        if (range->marked || pages > superslab->pages - first)
            continue;
        read_add_unused(snapshot, superslab, sets, page, first);
        read_add_run(snapshot, superslab, first, pages, PAGES_LARGE);
        page = first + pages;
    }
    read_add_unused(snapshot, superslab, sets, page, superslab->pages);
}

static void take_descriptor(struct snapshot_superslab *superslab, const struct range *range, const char *descriptor,
                            const struct layout *layout)
{
    *superslab =
        (struct snapshot_superslab){.base = range->base,
                                    .pages = (uint32_t)(range->bytes >> layout->root.page_shift),
                                    .kind = (uint8_t)layout_get(layout, HAK_INSPECT_SUPERSLAB_KIND, descriptor),
                                    .huge = layout_get(layout, HAK_INSPECT_SUPERSLAB_HUGE, descriptor) != 0};
}

/* The SuperSlabs of BATCH that are good join the snapshot. Their sets move to the front of the batch's, in that order;
 * returns how many they are. */
static size_t take_descriptors(struct snapshot *snapshot, const struct batch *batch, const struct layout *layout)
{
    size_t bytes = layout_bytes(layout, HAK_INSPECT_SUPERSLAB), good = 0;
    for (size_t i = 0; i < batch->count; i++) {
        snapshot->torn += !batch->good[i];
        if (!batch->good[i])
            continue;
        take_descriptor(&snapshot->superslabs[snapshot->superslab_count++], &batch->ranges[i],
                        batch->descriptors + i * bytes, layout);
        batch->sets[good++] = batch->sets[i];
    }
    return good;
}

/* What the pages of BATCH are: of stretches of SuperSlabs for slabs all at once. */
static void take_batch(struct snapshot *snapshot, const struct batch *batch, const struct ranges *blocks, size_t *block,
                       struct target *target)
{
    struct snapshot_superslab *first = snapshot->superslabs + snapshot->superslab_count;
    size_t count = take_descriptors(snapshot, batch, &target->layout), slabs = 0;
    for (size_t i = 0; i < count; i++) {
        if (snapshot_is_for_slabs(&first[i]))
            continue;
        read_slabs(snapshot, first + slabs, batch->sets + slabs, i - slabs, target);
        add_area(snapshot, &first[i], &batch->sets[i], blocks, block, target->layout.root.page_shift);
        slabs = i + 1;
    }
    read_slabs(snapshot, first + slabs, batch->sets + slabs, count - slabs, target);
}

/* Reads COUNT SuperSlabs, which have WORDS words in each kind of set together. */
static void read_batch(struct snapshot *snapshot, const struct grown *list, const struct range *ranges, size_t count,
                       size_t words, const struct ranges *blocks, size_t *block, struct target *target)
{
    size_t bytes = layout_bytes(&target->layout, HAK_INSPECT_SUPERSLAB);
    struct batch batch = {.list = list,
                          .ranges = ranges,
                          .count = count,
                          .descriptors = must_have(calloc(count, bytes)),
                          .words = must_have(calloc(SETS * words, sizeof *batch.words)),
                          .sets = must_have(calloc(count, sizeof *batch.sets)),
                          .good = must_have(calloc(count, sizeof *batch.good))};
    read_descriptors(&batch, target);
    read_sets(&batch, target);
    take_batch(snapshot, &batch, blocks, block, target);
    free(batch.descriptors);
    free(batch.words);
    free(batch.sets);
    free(batch.good);
}

static void read_superslabs(struct snapshot *snapshot, const struct grown *list, const struct ranges *ranges,
                            const struct ranges *blocks, struct target *target)
{
    uint32_t shift = target->layout.root.page_shift;
    uint64_t all = 0;
    size_t block = 0;
    snapshot->superslabs = must_have(calloc(ranges->count + 1, sizeof *snapshot->superslabs));
    for (size_t first = 0, end; first < ranges->count; first = end) {
        size_t pages = 0, words = 0;
        for (end = first; end < ranges->count && (end == first || pages < PAGES_AT_ONCE); end++) {
            size_t some = (size_t)(ranges->list[end].bytes >> shift);
            if (some > target->layout.root.pages_most || all + pages + some > PAGES_MOST)
                break;
            pages += some;
            words += words_of(some);
        }
        if (end == first) {
            snapshot->torn++;
            end++;
            continue;
        }
        all += pages;
        read_batch(snapshot, list, ranges->list + first, end - first, words, blocks, &block, target);
    }
}

/* --- mappings of their own ---------------------------------------------------------------------------------------- */

static int by_mapping(const void *one, const void *other)
{
    const struct snapshot_mapping *a = one, *b = other;
    return (a->base > b->base) - (a->base < b->base);
}

static void take_mappings(struct snapshot *snapshot, const struct ranges *blocks, const struct ranges *retained)
{
    snapshot->mappings = must_have(calloc(blocks->count + retained->count + 1, sizeof *snapshot->mappings));
    for (size_t i = 0; i < blocks->count; i++)
        if (blocks->list[i].marked)
            snapshot->mappings[snapshot->mapping_count++] =
                (struct snapshot_mapping){blocks->list[i].base, blocks->list[i].bytes, false};
    for (size_t i = 0; i < retained->count; i++)
        snapshot->mappings[snapshot->mapping_count++] =
            (struct snapshot_mapping){retained->list[i].base, retained->list[i].bytes, true};
    qsort(snapshot->mappings, snapshot->mapping_count, sizeof *snapshot->mappings, by_mapping);
}

void read_space(struct snapshot *snapshot, struct snapshot_lists *lists, struct target *target)
{
    struct ranges superslabs = read_census(&lists->superslabs, HAK_INSPECT_VARIABLE_SUPERSLABS, target, snapshot);
    struct ranges blocks = read_census(&lists->large_blocks, HAK_INSPECT_VARIABLE_LARGE, target, snapshot);
    struct ranges retained = read_census(&lists->mappings, HAK_INSPECT_VARIABLE_MAPPINGS, target, snapshot);
    read_superslabs(snapshot, &lists->superslabs, &superslabs, &blocks, target);
    take_mappings(snapshot, &blocks, &retained);
    for (size_t i = 0; i < blocks.count; i++)
        snapshot->large_bytes += blocks.list[i].bytes;
    snapshot->large_blocks = blocks.count;
    free(superslabs.list);
    free(blocks.list);
    free(retained.list);
}
