/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pages of SuperSlabs for slabs are, by the page map and the slabs' descriptors. See read.h. */
#include "config.h"

#include "cli/inspect/read.h"
#include "cli/output/memory.h"

#include <stdlib.h>
#include <string.h>

/* A bucket's chain of leaves is short; a longer one is none. */
#define MOST_LEAVES 4096

/* What the page map has of the pages of some SuperSlabs, one after the other. */
struct pages {
    uint32_t *entry;      /* 0 where it could not be read: the page map has no memory for it, so it was never set */
    uint64_t *descriptor; /* address */
    struct memory_piece *pieces;
    size_t piece_count, piece_room;
};

/* --- the page map ------------------------------------------------------------------------------------------------- */

struct window {
    uint64_t first, pages, entries, descriptors; /* numbers of pages, addresses */
};

static struct window read_window(struct target *target)
{
    const struct layout *layout = &target->layout;
    char head[256];
    uint64_t address = 0;
    size_t bytes = layout_bytes(layout, HAK_INSPECT_WINDOW);
    if (bytes > sizeof head ||
        !memory_read(&target->memory, layout_variable(layout, HAK_INSPECT_VARIABLE_WINDOW), &address, sizeof address) ||
        !memory_read(&target->memory, address, head, bytes))
        return (struct window){.pages = 0};
    return (struct window){.first = layout_get(layout, HAK_INSPECT_WINDOW_FIRST, head),
                           .pages = layout_get(layout, HAK_INSPECT_WINDOW_PAGES, head),
                           .entries = address + bytes,
                           .descriptors = layout_get(layout, HAK_INSPECT_WINDOW_DESCRIPTORS, head)};
}

/* The address of leaf NUMBER; 0: there is none. */
static uint64_t find_leaf(struct target *target, uint64_t number)
{
    const struct layout *layout = &target->layout;
    uint64_t address = 0, found,
             at = layout_variable(layout, HAK_INSPECT_VARIABLE_LEAVES) +
                  number % layout->root.leaf_buckets * sizeof address;
    for (int i = 0; i < MOST_LEAVES && memory_read(&target->memory, at, &address, sizeof address) && address; i++) {
        if (memory_read(&target->memory, address + layout_offset(layout, HAK_INSPECT_LEAF_NUMBER), &found,
                        sizeof found) &&
            found == number)
            return address;
        at = address + layout_offset(layout, HAK_INSPECT_LEAF_NEXT);
    }
    return 0;
}

static void add_piece(struct pages *pages, uint64_t address, void *to, size_t bytes)
{
    if (pages->piece_count == pages->piece_room) {
        pages->piece_room = pages->piece_room ? 2 * pages->piece_room : 64;
        pages->pieces = must_have(reallocarray(pages->pieces, pages->piece_room, sizeof *pages->pieces));
    }
    pages->pieces[pages->piece_count++] = (struct memory_piece){address, to, bytes, false};
}

/* COUNT pages from number FIRST on, which are AT in PAGES, have their entries and descriptors at these addresses. */
static void add_pages(struct pages *pages, size_t at, size_t count, uint64_t entries, uint64_t descriptors)
{
    add_piece(pages, entries, pages->entry + at, count * sizeof *pages->entry);
    add_piece(pages, descriptors, pages->descriptor + at, count * sizeof *pages->descriptor);
}

static size_t least(uint64_t one, uint64_t other)
{
    return (size_t)(one < other ? one : other);
}

/* The same, wherever they are. A replaced window stays as it was, so one that is replaced meanwhile does no harm. */
static void add_range(struct pages *pages, size_t at, uint64_t first, size_t count, const struct window *window,
                      struct target *target)
{
    const struct layout *layout = &target->layout;
    while (count > 0) {
        uint64_t index = first - window->first, in_leaf = first % layout->root.leaf_pages, leaf;
        size_t some;
        if (index < window->pages) {
            some = least(count, window->pages - index);
            add_pages(pages, at, some, window->entries + index * sizeof *pages->entry,
                      window->descriptors + index * sizeof *pages->descriptor);
        } else {
            some = least(count, layout->root.leaf_pages - in_leaf);
            if ((leaf = find_leaf(target, first / layout->root.leaf_pages)) != 0)
                add_pages(pages, at, some,
                          leaf + layout_offset(layout, HAK_INSPECT_LEAF_ENTRIES) + in_leaf * sizeof *pages->entry,
                          leaf + layout_offset(layout, HAK_INSPECT_LEAF_DESCRIPTORS) +
                              in_leaf * sizeof *pages->descriptor);
        }
        first += some;
        at += some;
        count -= some;
    }
}

static void read_page_map(struct pages *pages, const struct snapshot_superslab *superslabs, size_t count, size_t all,
                          struct target *target)
{
    struct window window = read_window(target);
    size_t at = 0;
    *pages = (struct pages){.entry = must_have(calloc(all + 1, sizeof *pages->entry)),
                            .descriptor = must_have(calloc(all + 1, sizeof *pages->descriptor))};
    for (size_t i = 0; i < count; i++) {
        add_range(pages, at, superslabs[i].base >> target->layout.root.page_shift, superslabs[i].pages, &window,
                  target);
        at += superslabs[i].pages;
    }
    memory_read_pieces(&target->memory, pages->pieces, pages->piece_count);
    free(pages->pieces);
}

static void pages_free(struct pages *pages)
{
    free(pages->entry);
    free(pages->descriptor);
}

/* --- slabs -------------------------------------------------------------------------------------------------------- */

/* The descriptors of the slabs that lie in some pages: at the first page of each. */
struct slabs {
    char *copies;
    struct memory_piece *pieces;
    size_t count;
};

static bool begins_slab(const struct pages *pages, size_t at, size_t first_of_superslab)
{
    return pages->entry[at] != 0 && pages->descriptor[at] != 0 &&
           (at == first_of_superslab || pages->entry[at - 1] == 0 ||
            pages->descriptor[at] != pages->descriptor[at - 1]);
}

static void read_descriptors(struct slabs *slabs, const struct pages *pages,
                             const struct snapshot_superslab *superslabs, size_t count, size_t all,
                             struct target *target)
{
    size_t bytes = layout_bytes(&target->layout, HAK_INSPECT_SLAB), at = 0;
    *slabs = (struct slabs){.copies = must_have(calloc(all + 1, bytes)),
                            .pieces = must_have(calloc(all + 1, sizeof *slabs->pieces))};
    for (size_t i = 0; i < count; i++)
        for (size_t page = 0, first = at; page < superslabs[i].pages; page++, at++)
            if (begins_slab(pages, at, first)) {
                slabs->pieces[slabs->count] =
                    (struct memory_piece){pages->descriptor[at], slabs->copies + slabs->count * bytes, bytes, false};
                slabs->count++;
            }
    memory_read_pieces(&target->memory, slabs->pieces, slabs->count);
}

/* The class of a slab whose pages have ENTRY: it is there, or in the descriptor COPY, which may not have been read. */
static unsigned class_of(uint32_t entry, const struct layout *layout, const char *copy)
{
    uint32_t mask = (uint32_t)((UINT64_C(1) << layout->root.class_bits) - 1);
    return (entry & ~mask) != 0 ? entry & mask : (unsigned)layout_get(layout, HAK_INSPECT_SLAB_CLASS, copy);
}

/* Whether the descriptor COPY is that of a slab of CLASS which begins at BASE and has ROOM pages for itself. */
static bool is_slab(const struct snapshot *snapshot, const struct layout *layout, const char *copy, unsigned class,
                    uint64_t base, size_t room)
{
    return class < snapshot->class_count && layout_get(layout, HAK_INSPECT_SLAB_BASE, copy) == base &&
           layout_get(layout, HAK_INSPECT_SLAB_CLASS, copy) == class &&
           layout_get(layout, HAK_INSPECT_SLAB_BLOCKS, copy) == snapshot->classes[class].blocks &&
           layout_get(layout, HAK_INSPECT_SLAB_FREE_BLOCKS, copy) <= snapshot->classes[class].blocks &&
           snapshot->classes[class].pages <= room;
}

static void add_slab(struct snapshot *snapshot, struct snapshot_superslab *superslab, const struct layout *layout,
                     const char *copy, unsigned class, size_t page)
{
    struct snapshot_class *of = &snapshot->classes[class];
    struct snapshot_run *run = read_add_run(snapshot, superslab, page, of->pages, PAGES_SLAB);
    uint64_t returned = layout_get(layout, HAK_INSPECT_SLAB_RETURNED_BLOCKS, copy);
    run->class = (uint16_t) class;
    run->blocks = (uint16_t)of->blocks;
    run->free = (uint16_t)layout_get(layout, HAK_INSPECT_SLAB_FREE_BLOCKS, copy);
    if (!of->shared && returned <= of->blocks)
        of->counts.returned += returned;
    of->seen_slabs++;
}

/* The runs of one SuperSlab, whose pages are from AT on in PAGES, and whose first slab is number *SLAB. */
static void take_superslab(struct snapshot *snapshot, struct snapshot_superslab *superslab,
                           const struct read_sets *sets, const struct pages *pages, size_t at,
                           const struct slabs *slabs, size_t *slab, const struct layout *layout)
{
    size_t bytes = layout_bytes(layout, HAK_INSPECT_SLAB), unused = 0;
    for (size_t page = 0; page < superslab->pages; page++) {
        if (!begins_slab(pages, at + page, at))
            continue;
        size_t number = (*slab)++;
        unsigned class = class_of(pages->entry[at + page], layout, slabs->copies + number * bytes);
        uint64_t base = superslab->base + ((uint64_t)page << layout->root.page_shift);
        if (page < unused || !slabs->pieces[number].is_read ||
            !is_slab(snapshot, layout, slabs->copies + number * bytes, class, base, superslab->pages - page))
            continue;
        read_add_unused(snapshot, superslab, sets, unused, page);
        add_slab(snapshot, superslab, layout, slabs->copies + number * bytes, class, page);
        unused = page + snapshot->classes[class].pages;
    }
    read_add_unused(snapshot, superslab, sets, unused, superslab->pages);
}

void read_slabs(struct snapshot *snapshot, struct snapshot_superslab *superslabs, const struct read_sets *sets,
                size_t count, struct target *target)
{
    struct pages pages;
    struct slabs slabs;
    size_t all = 0, at = 0, slab = 0;
    for (size_t i = 0; i < count; i++)
        all += superslabs[i].pages;
    if (all == 0)
        return;
    read_page_map(&pages, superslabs, count, all, target);
    read_descriptors(&slabs, &pages, superslabs, count, all, target);
    for (size_t i = 0; i < count; i++) {
        take_superslab(snapshot, &superslabs[i], &sets[i], &pages, at, &slabs, &slab, &target->layout);
        at += superslabs[i].pages;
    }
    free(slabs.copies);
    free(slabs.pieces);
    pages_free(&pages);
}
