/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Size classes, heaps and their caches. See read.h. */
#include "config.h"

#include "cli/inspect/read.h"
#include "cli/output/memory.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 64 /* heaps that are read by one call */
#define RETRIES 4  /* of a stack that was moving */
#define ADDRESS_BYTES sizeof(uint64_t)

/* Room in a stack beyond its capacity: places of stacks are rounded up. */
#define STACK_ROOM 16
#define MOST_DOUBLINGS 16
#define MOST_BUFFERED 4096 /* the library's buffers have 1,024 */

/* --- size classes ------------------------------------------------------------------------------------------------- */

static bool take_class(struct snapshot_class *class, const struct layout *layout, const void *object)
{
    uint64_t doublings = layout_get(layout, HAK_INSPECT_CLASS_DOUBLINGS, object);
    uint64_t capacity = layout_get(layout, HAK_INSPECT_CLASS_CAPACITY, object);
    class->size = (uint32_t)layout_get(layout, HAK_INSPECT_CLASS_SIZE, object);
    class->blocks = (uint32_t)layout_get(layout, HAK_INSPECT_CLASS_BLOCKS, object);
    class->pages = (uint32_t)layout_get(layout, HAK_INSPECT_CLASS_PAGES, object);
    class->grown_slots = doublings > 0 && doublings < MOST_DOUBLINGS ? (uint32_t)(capacity << doublings) + 1 : 0;
    class->shared = layout_get(layout, HAK_INSPECT_CLASS_SHARED, object) != 0;
    class->stack_most = (uint32_t)((2 * capacity + STACK_ROOM) << (doublings < MOST_DOUBLINGS ? doublings : 0));
    uint64_t slab_bytes = (uint64_t) class->pages << layout->root.page_shift;
    class->counts = (struct hak_class_counts){.size = class->size, .blocks = class->blocks, .slab_size = slab_bytes};
    return class->size != 0 && class->blocks != 0 && class->pages != 0 &&
           (uint64_t) class->blocks * class->size <= slab_bytes;
}

/* How many classes have a second stack; room for all stacks is in each thread cache. */
static bool read_counted(struct snapshot *snapshot, struct target *target)
{
    const struct layout *layout = &target->layout;
    uint32_t count;
    if (!memory_read(&target->memory, layout_variable(layout, HAK_INSPECT_VARIABLE_COUNTED), &count, sizeof count) ||
        count > snapshot->class_count || snapshot->class_count + count > layout->root.classes_most)
        return false;
    snapshot->counted_count = count;
    return true;
}

bool read_classes(struct snapshot *snapshot, struct target *target)
{
    const struct layout *layout = &target->layout;
    uint32_t count = 0, bytes = layout_bytes(layout, HAK_INSPECT_CLASS);
    if (!memory_read(&target->memory, layout_variable(layout, HAK_INSPECT_VARIABLE_CLASS_COUNT), &count,
                     sizeof count) ||
        count == 0 || count > layout->root.classes_most || count > SNAPSHOT_CLASSES_MOST)
        return false;
    char *classes = must_have(calloc(count, bytes));
    bool good = memory_read(&target->memory, layout_variable(layout, HAK_INSPECT_VARIABLE_CLASSES), classes,
                            (size_t)count * bytes);
    for (size_t i = 0; i < count && good; i++)
        good = take_class(&snapshot->classes[i], layout, classes + i * bytes);
    free(classes);
    snapshot->class_count = count;
    return good && read_counted(snapshot, target);
}

/* --- copies of thread caches -------------------------------------------------------------------------------------- */

/* Where what is read of a thread cache lies in it, and its bytes. */
struct part {
    size_t offset, bytes;
};

enum { TOPS, BOTTOMS, NUMBERS, SLABS, TAKEN, GROWN, GROWN_COUNTED, BUFFERED, PARTS };

/* One number of each heap, all of which are read as one piece. */
static const enum hak_inspect_member numbers[] = {
    HAK_INSPECT_HEAP_ID,
    HAK_INSPECT_HEAP_IDLE,
    HAK_INSPECT_HEAP_HOLDER,
    HAK_INSPECT_HEAP_REFILLS,
    HAK_INSPECT_HEAP_REFILLED_BLOCKS,
    HAK_INSPECT_HEAP_DRAINS,
    HAK_INSPECT_HEAP_DRAINED_BLOCKS,
    HAK_INSPECT_HEAP_REMOTE_BLOCKS,
    HAK_INSPECT_HEAP_BORROWED_BLOCKS,
    HAK_INSPECT_HEAP_PURGED_BYTES,
};

struct copies {
    const struct layout *layout;
    size_t heap;             /* where the heap is in a thread cache */
    size_t bytes;            /* of a thread cache */
    struct part part[PARTS]; /* in a thread cache */
    char *caches;            /* AT_ONCE of them, of which the parts are read */
    bool good[AT_ONCE];
};

static struct part array_of(const struct layout *layout, enum hak_inspect_member member, size_t base, size_t count)
{
    return (struct part){base + layout_offset(layout, member), count * layout_bytes(layout, member)};
}

static struct part numbers_of(const struct layout *layout, size_t base)
{
    size_t low = SIZE_MAX, high = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        size_t offset = layout_offset(layout, numbers[i]), end = offset + layout_bytes(layout, numbers[i]);
        low = offset < low ? offset : low;
        high = end > high ? end : high;
    }
    return (struct part){base + low, high - low};
}

static void copies_open(struct copies *copies, const struct layout *layout, size_t classes, size_t counted)
{
    size_t heap = layout_offset(layout, HAK_INSPECT_CACHE_HEAP);
    *copies = (struct copies){.layout = layout, .heap = heap};
    copies->part[TOPS] = array_of(layout, HAK_INSPECT_CACHE_TOP, 0, classes + counted);
    copies->part[BOTTOMS] = array_of(layout, HAK_INSPECT_CACHE_BOTTOM, 0, classes + counted);
    copies->part[NUMBERS] = numbers_of(layout, heap);
    copies->part[SLABS] = array_of(layout, HAK_INSPECT_HEAP_SLABS, heap, classes);
    copies->part[TAKEN] = array_of(layout, HAK_INSPECT_HEAP_TAKEN, heap, classes);
    copies->part[GROWN] = array_of(layout, HAK_INSPECT_CACHE_GROWN, 0, 1);
    copies->part[GROWN_COUNTED] = array_of(layout, HAK_INSPECT_CACHE_COUNTED_GROWN, 0, 1);
    copies->part[BUFFERED] = array_of(layout, HAK_INSPECT_CACHE_BUFFERED, 0, 1);
    for (size_t i = 0; i < PARTS; i++) {
        size_t end = copies->part[i].offset + copies->part[i].bytes;
        copies->bytes = end > copies->bytes ? end : copies->bytes;
    }
    copies->bytes = (copies->bytes + 15) & ~(size_t)15;
    copies->caches = must_have(calloc(AT_ONCE, copies->bytes));
}

/* Reads the caches whose heaps are at HEAPS, AT_ONCE at most. The shared heap has no cache around it: FIRST is the
 * first part to be read, END the one after the last. */
static void copies_read(struct copies *copies, struct memory *memory, const uint64_t *heaps, size_t count, size_t first,
                        size_t end)
{
    struct memory_piece pieces[AT_ONCE * PARTS];
    size_t pieces_used = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t part = first; part < end; part++)
            pieces[pieces_used++] =
                (struct memory_piece){.address = heaps[i] - copies->heap + copies->part[part].offset,
                                      .to = copies->caches + i * copies->bytes + copies->part[part].offset,
                                      .bytes = copies->part[part].bytes};
    memory_read_pieces(memory, pieces, pieces_used);
    for (size_t i = 0; i < count; i++) {
        copies->good[i] = true;
        for (size_t part = 0; part < end - first; part++)
            copies->good[i] &= pieces[i * (end - first) + part].is_read;
    }
}

static const char *cache_at(const struct copies *copies, size_t index)
{
    return copies->caches + index * copies->bytes;
}

/* --- stacks ------------------------------------------------------------------------------------------------------- */

/* The height of a stack with these ends; false where they are not those of one stack. */
static bool height_of(uint64_t bottom, uint64_t top, uint64_t divert, uint32_t most, uint64_t *height)
{
    *height = 0;
    if (bottom == divert)
        return true;
    if (top < bottom || (top - bottom) % ADDRESS_BYTES != 0 || (top - bottom) / ADDRESS_BYTES > most)
        return false;
    *height = (top - bottom) / ADDRESS_BYTES;
    return true;
}

/* Reads the ends of one stack of the cache at CACHE again until they fit. */
static bool read_again(struct target *target, uint64_t cache, size_t index, uint64_t divert, uint32_t most,
                       uint64_t *height)
{
    const struct layout *layout = &target->layout;
    uint64_t top, bottom, before;
    uint64_t top_at = cache + layout_offset(layout, HAK_INSPECT_CACHE_TOP) + index * ADDRESS_BYTES;
    uint64_t bottom_at = cache + layout_offset(layout, HAK_INSPECT_CACHE_BOTTOM) + index * ADDRESS_BYTES;
    for (int i = 0; i < RETRIES; i++) {
        struct memory_piece pieces[] = {{bottom_at, &before, sizeof before, false},
                                        {top_at, &top, sizeof top, false},
                                        {bottom_at, &bottom, sizeof bottom, false}};
        if (memory_read_pieces(&target->memory, pieces, 3) == 3 && before == bottom &&
            height_of(bottom, top, divert, most, height))
            return true;
    }
    return false;
}

static void add_stacks(struct snapshot *snapshot, struct snapshot_heap *heap, const char *cache, uint64_t address,
                       struct target *target)
{
    const struct layout *layout = &target->layout;
    uint64_t divert = layout_variable(layout, HAK_INSPECT_VARIABLE_DIVERT) + ADDRESS_BYTES, height;
    for (size_t i = 0; i < snapshot->class_count + snapshot->counted_count; i++) {
        struct snapshot_class *class = &snapshot->classes[i < snapshot->class_count ? i : i - snapshot->class_count];
        uint64_t top =
            layout_element(layout, HAK_INSPECT_CACHE_TOP, cache + layout_offset(layout, HAK_INSPECT_CACHE_TOP), i);
        uint64_t bottom = layout_element(layout, HAK_INSPECT_CACHE_BOTTOM,
                                         cache + layout_offset(layout, HAK_INSPECT_CACHE_BOTTOM), i);
        if (!height_of(bottom, top, divert, class->stack_most, &height) &&
            !read_again(target, address, i, divert, class->stack_most, &height)) {
            snapshot->torn++;
            continue;
        }
        class->counts.cached += height;
        heap->cached_blocks += height;
        heap->cached_bytes += height * class->size;
    }
}

/* --- heaps -------------------------------------------------------------------------------------------------------- */

/* Slabs and taken blocks of the heap in CACHE, of class I. */
static void add_class(struct snapshot *snapshot, struct snapshot_heap *heap, const struct copies *copies,
                      const char *cache, size_t i)
{
    struct snapshot_class *class = &snapshot->classes[i];
    uint64_t slabs = layout_element(copies->layout, HAK_INSPECT_HEAP_SLABS, cache + copies->part[SLABS].offset, i);
    uint64_t taken = layout_element(copies->layout, HAK_INSPECT_HEAP_TAKEN, cache + copies->part[TAKEN].offset, i);
    class->counts.slabs += slabs;
    class->counts.taken += (int64_t)taken;
    heap->slabs += slabs;
    heap->slab_bytes += slabs * class->counts.slab_size;
}

/* The same of the classes that are the heap's: SHARED says whether it is the shared heap. */
static void add_classes(struct snapshot *snapshot, struct snapshot_heap *heap, const struct copies *copies,
                        const char *cache, bool shared)
{
    for (size_t i = 0; i < snapshot->class_count; i++)
        if (snapshot->classes[i].shared == shared)
            add_class(snapshot, heap, copies, cache, i);
}

static void add_events(struct snapshot *snapshot, struct snapshot_heap *to, const struct layout *layout,
                       const char *heap)
{
    struct snapshot_events *events = &snapshot->events;
    to->refills = layout_get(layout, HAK_INSPECT_HEAP_REFILLS, heap);
    to->refilled_blocks = layout_get(layout, HAK_INSPECT_HEAP_REFILLED_BLOCKS, heap);
    to->drains = layout_get(layout, HAK_INSPECT_HEAP_DRAINS, heap);
    to->drained_blocks = layout_get(layout, HAK_INSPECT_HEAP_DRAINED_BLOCKS, heap);
    to->remote_blocks = layout_get(layout, HAK_INSPECT_HEAP_REMOTE_BLOCKS, heap);
    to->borrowed_blocks = layout_get(layout, HAK_INSPECT_HEAP_BORROWED_BLOCKS, heap);
    events->refills += to->refills;
    events->refilled_blocks += to->refilled_blocks;
    events->drains += to->drains;
    events->drained_blocks += to->drained_blocks;
    events->remote_blocks += to->remote_blocks;
    events->borrowed_blocks += to->borrowed_blocks;
    events->hole_bytes += layout_get(layout, HAK_INSPECT_HEAP_PURGED_BYTES, heap);
}

static void take_heap(struct snapshot *snapshot, const struct copies *copies, const char *cache, uint64_t address,
                      struct target *target)
{
    const struct layout *layout = &target->layout;
    const char *heap = cache + copies->heap;
    struct snapshot_heap *to = &snapshot->heaps[snapshot->heap_count++];
    *to = (struct snapshot_heap){.address = address,
                                 .id = (uint32_t)layout_get(layout, HAK_INSPECT_HEAP_ID, heap),
                                 .idle = layout_get(layout, HAK_INSPECT_HEAP_IDLE, heap) != 0,
                                 .holder = layout_get(layout, HAK_INSPECT_HEAP_HOLDER, heap),
                                 .has_grown = layout_get(layout, HAK_INSPECT_CACHE_GROWN, cache) != 0,
                                 .has_grown_counted = layout_get(layout, HAK_INSPECT_CACHE_COUNTED_GROWN, cache) != 0,
                                 .buffered_blocks = layout_get(layout, HAK_INSPECT_CACHE_BUFFERED, cache)};
    add_stacks(snapshot, to, cache, address - copies->heap, target);
    add_classes(snapshot, to, copies, cache, false);
    add_events(snapshot, to, layout, heap);
}

/* Reads the heap at VARIABLE, which is in no thread cache; false where it cannot be. */
static bool read_alone(struct snapshot *snapshot, struct copies *copies, enum hak_inspect_variable variable,
                       struct target *target)
{
    uint64_t address = layout_variable(&target->layout, variable);
    copies_read(copies, &target->memory, &address, 1, NUMBERS, GROWN);
    snapshot->torn += !copies->good[0];
    return copies->good[0];
}

static void take_shared(struct snapshot *snapshot, struct copies *copies, struct target *target)
{
    struct snapshot_heap none = {0};
    if (!read_alone(snapshot, copies, HAK_INSPECT_VARIABLE_SHARED_HEAP, target))
        return;
    add_classes(snapshot, &none, copies, cache_at(copies, 0), true);
    add_events(snapshot, &none, &target->layout, cache_at(copies, 0) + copies->heap);
}

/* Its slabs are of all classes, beside the threads' or the shared heap's. */
static void take_sampled(struct snapshot *snapshot, struct copies *copies, struct target *target)
{
    struct snapshot_heap none = {0};
    if (read_alone(snapshot, copies, HAK_INSPECT_VARIABLE_SAMPLED, target))
        for (size_t i = 0; i < snapshot->class_count; i++)
            add_class(snapshot, &none, copies, cache_at(copies, 0), i);
}

void read_heaps(struct snapshot *snapshot, struct grown *heaps, struct target *target)
{
    const struct layout *layout = &target->layout;
    struct copies copies;
    grown_follow(heaps, &target->memory, layout_variable(layout, HAK_INSPECT_VARIABLE_HEAPS),
                 layout_offset(layout, HAK_INSPECT_HEAP_NEXT));
    snapshot->is_missing_some |= heaps->is_cut;
    snapshot->heaps = must_have(calloc(heaps->count + 1, sizeof *snapshot->heaps));
    copies_open(&copies, layout, snapshot->class_count, snapshot->counted_count);
    take_shared(snapshot, &copies, target);
    take_sampled(snapshot, &copies, target);
    for (size_t first = 0; first < heaps->count; first += AT_ONCE) {
        size_t count = heaps->count - first < AT_ONCE ? heaps->count - first : AT_ONCE;
        copies_read(&copies, &target->memory, heaps->address + first, count, 0, PARTS);
        for (size_t i = 0; i < count; i++) {
            snapshot->torn += !copies.good[i];
            if (copies.good[i])
                take_heap(snapshot, &copies, cache_at(&copies, i), heaps->address[first + i], target);
        }
    }
    free(copies.caches);
}

/* --- buffers ------------------------------------------------------------------------------------------------------ */

static void read_buffer(struct snapshot *snapshot, const struct snapshot_heap *heap, struct target *target)
{
    const struct layout *layout = &target->layout;
    uint64_t blocks[MOST_BUFFERED], count = heap->buffered_blocks;
    uint64_t address =
        heap->address - layout_offset(layout, HAK_INSPECT_CACHE_HEAP) + layout_offset(layout, HAK_INSPECT_CACHE_BUFFER);
    if (count > MOST_BUFFERED || !memory_read(&target->memory, address, blocks, count * sizeof *blocks)) {
        snapshot->torn++;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct snapshot_run *run = read_find_run(snapshot, blocks[i]);
        bool known = run && run->use == PAGES_SLAB;
        snapshot->torn += !known;
        if (known)
            snapshot->classes[run->class].counts.cached++;
    }
}

void read_buffers(struct snapshot *snapshot, struct target *target)
{
    for (size_t i = 0; i < snapshot->heap_count; i++)
        if (snapshot->heaps[i].buffered_blocks != 0)
            read_buffer(snapshot, &snapshot->heaps[i], target);
}
