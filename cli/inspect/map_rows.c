/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the picture. See map_parts.h. */
#include "config.h"

#include "cli/inspect/map_parts.h"
#include "cli/inspect/page_picture.h"
#include "cli/output/units.h"

#include <inttypes.h>
#include <stdlib.h>

/* A row has so many pages at most: 4 MiB, as usual SuperSlabs are shorter. */
#define PAGES_MOST 64
#define MAPPINGS_MOST 200 /* the longest ones */
#define HEADING 30        /* height of one */

/* --- scale -------------------------------------------------------------------------------------------------------- */

/* Pages of a row of SuperSlabs for slabs, or of others: all are drawn to the same scale. */
static uint32_t pages_of_row(const struct snapshot *now, bool slabs)
{
    uint32_t most = 1;
    for (size_t i = 0; i < now->superslab_count; i++)
        if (snapshot_is_for_slabs(&now->superslabs[i]) == slabs && now->superslabs[i].pages > most)
            most = now->superslabs[i].pages;
    return most < PAGES_MOST ? most : PAGES_MOST;
}

static uint32_t rows_of(const struct snapshot_superslab *superslab, uint32_t pages)
{
    return (superslab->pages + pages - 1) / pages;
}

/* Rows of the SuperSlabs of one kind that are drawn, where DRAWN are already; how many are LEFT_OUT. */
static size_t count_rows(const struct snapshot *now, bool slabs, size_t drawn, size_t *left_out)
{
    size_t rows = 0;
    uint32_t pages = pages_of_row(now, slabs);
    *left_out = 0;
    for (size_t i = 0; i < now->superslab_count; i++) {
        if (snapshot_is_for_slabs(&now->superslabs[i]) != slabs)
            continue;
        size_t more = rows_of(&now->superslabs[i], pages);
        bool fits = *left_out == 0 && drawn + rows + more <= MAP_MOST_ROWS;
        rows += fits ? more : 0;
        *left_out += !fits;
    }
    return rows;
}

static int height_of(size_t rows, size_t left_out)
{
    return rows + left_out == 0 ? 0 : HEADING + (int)(rows + (left_out != 0)) * MAP_ROW;
}

int map_rows_height(const struct look *look)
{
    size_t left_out, other_left_out, mappings = look->now.mapping_count;
    size_t slabs = count_rows(&look->now, true, 0, &left_out);
    size_t others = count_rows(&look->now, false, slabs, &other_left_out);
    size_t shown = mappings < MAPPINGS_MOST ? mappings : MAPPINGS_MOST;
    return height_of(slabs, left_out) + height_of(others, other_left_out) + height_of(shown, mappings - shown);
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

static const char *const uses[PAGE_USES] = {
    [PAGES_FRESH] = "never used",
    [PAGES_SLAB] = "slab",
    [PAGES_LARGE] = "large block",
    [PAGES_RETAINED] = "retained: empty, with memory behind it",
    [PAGES_LAZY] = "given back lazily: the kernel may take it",
    [PAGES_RELEASED] = "released: given back",
    [PAGES_MOVING] = "in use, by what could not be told",
};

static const char *const classes[PAGE_USES] = {
    [PAGES_FRESH] = "fresh", [PAGES_LARGE] = "large",       [PAGES_RETAINED] = "kept",
    [PAGES_LAZY] = "lazy",   [PAGES_RELEASED] = "released", [PAGES_MOVING] = "moving",
};

static void put_title(const struct map *map, const struct snapshot_superslab *superslab, const struct snapshot_run *run)
{
    char size[UNITS_TEXT];
    uint32_t shift = map->look->now.page_shift;
    units_size((uint64_t)run->pages << shift, size, sizeof size);
    fprintf(map->stream, "<title>0x%" PRIx64 ": ", superslab->base + ((uint64_t)run->first << shift));
    if (run->use == PAGES_SLAB)
        fprintf(map->stream, "slab of blocks of %" PRIu32 " bytes, %d of %d in use (%.0f %%), %s</title>",
                map->look->now.classes[run->class].size, run->blocks - run->free, run->blocks, 100 * page_fullness(run),
                size);
    else
        fprintf(map->stream, "%s, %s</title>", uses[run->use], size);
}

/* Part of a cell: PAGES from page FIRST of a row of ROW pages on. A cell that goes on in the next row has several. */
struct part {
    uint32_t first, pages, row;
    double fullness;
};

static void put_part(const struct map *map, const struct part *part, int y)
{
    double unit = (double)MAP_CELLS / part->row;
    double x = MAP_MARGIN + MAP_LABEL + part->first * unit, width = part->pages * unit - 1;
    fprintf(map->stream, "<rect class=\"b\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>", x, y, width, MAP_CELL);
    if (part->fullness > 0)
        fprintf(map->stream, "<rect class=\"f\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>", x, y,
                width * part->fullness, MAP_CELL);
}

static void put_cell(const struct map *map, const struct snapshot_superslab *superslab, const struct snapshot_run *run,
                     uint32_t row)
{
    if (run->use == PAGES_SLAB)
        fprintf(map->stream, "<g class=\"k%d\">", run->class);
    else
        fprintf(map->stream, "<g class=\"%s\">", classes[run->use]);
    put_title(map, superslab, run);
    for (uint32_t page = run->first, end = run->first + run->pages; page < end;) {
        uint32_t in_row = page % row, some = row - in_row < end - page ? row - in_row : end - page;
        struct part part = {in_row, some, row, page_fullness(run)};
        put_part(map, &part, map->y + (int)(page / row) * MAP_ROW);
        page += some;
    }
    fputs("</g>\n", map->stream);
}

static void put_figures(const struct map *map, const struct snapshot_superslab *superslab)
{
    double used = 0;
    for (size_t i = 0; i < superslab->runs; i++) {
        const struct snapshot_run *run = &map->look->now.runs[superslab->first_run + i];
        used += page_fullness(run) * run->pages;
    }
    fprintf(map->stream, "<text x=\"%d\" y=\"%d\">%.0f %% in use%s</text>\n", MAP_MARGIN + MAP_LABEL + MAP_CELLS + 8,
            map->y + MAP_CELL - 2, 100 * used / superslab->pages, superslab->huge ? ", huge" : "");
}

static void put_row(struct map *map, const struct snapshot_superslab *superslab, uint32_t row)
{
    char size[UNITS_TEXT];
    units_size((uint64_t)superslab->pages << map->look->now.page_shift, size, sizeof size);
    fprintf(map->stream, "<text x=\"%d\" y=\"%d\">0x%" PRIx64 ", %s</text>\n", MAP_MARGIN, map->y + MAP_CELL - 2,
            superslab->base, size);
    for (size_t i = 0; i < superslab->runs; i++)
        put_cell(map, superslab, &map->look->now.runs[superslab->first_run + i], row);
    put_figures(map, superslab);
    map->y += (int)rows_of(superslab, row) * MAP_ROW;
}

/* --- groups ------------------------------------------------------------------------------------------------------- */

static void put_heading(struct map *map, const char *text)
{
    map->y += HEADING;
    fprintf(map->stream, "<text class=\"h\" x=\"%d\" y=\"%d\">%s</text>\n", MAP_MARGIN, map->y - 10, text);
}

static void put_left_out(struct map *map, size_t count, const char *what)
{
    if (count == 0)
        return;
    fprintf(map->stream, "<text x=\"%d\" y=\"%d\">%zu more %s are not drawn</text>\n", MAP_MARGIN,
            map->y + MAP_CELL - 2, count, what);
    map->y += MAP_ROW;
}

static void draw_superslabs(struct map *map, bool slabs, const char *heading)
{
    const struct snapshot *now = &map->look->now;
    size_t left_out, rows = count_rows(now, slabs, map->rows, &left_out), drawn = 0;
    uint32_t row = pages_of_row(now, slabs);
    if (rows + left_out == 0)
        return;
    put_heading(map, heading);
    for (size_t i = 0; i < now->superslab_count; i++) {
        if (snapshot_is_for_slabs(&now->superslabs[i]) != slabs)
            continue;
        size_t more = rows_of(&now->superslabs[i], row);
        if (drawn + more > rows)
            break;
        put_row(map, &now->superslabs[i], row);
        drawn += more;
    }
    put_left_out(map, left_out, "SuperSlabs");
    map->rows += rows;
    map->left_out += left_out;
}

static int by_length(const void *one, const void *other)
{
    const struct snapshot_mapping *a = one, *b = other;
    return (b->bytes > a->bytes) - (b->bytes < a->bytes);
}

static void put_mapping(struct map *map, const struct snapshot_mapping *mapping, uint64_t longest)
{
    char size[UNITS_TEXT];
    double width = (double)mapping->bytes / (double)longest * MAP_CELLS;
    units_size(mapping->bytes, size, sizeof size);
    fprintf(
        map->stream,
        "<text x=\"%d\" y=\"%d\">0x%" PRIx64 "</text>\n<g class=\"%s\"><title>0x%" PRIx64 ": %s, %s</title>"
        "<rect class=\"b\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/></g>\n<text x=\"%d\" y=\"%d\">%s</text>\n",
        MAP_MARGIN, map->y + MAP_CELL - 2, mapping->base, mapping->retained ? "kept" : "large", mapping->base,
        mapping->retained ? "a freed mapping, retained" : "a large block", size, MAP_MARGIN + MAP_LABEL, map->y,
        width < 1 ? 1 : width, MAP_CELL, MAP_MARGIN + MAP_LABEL + MAP_CELLS + 8, map->y + MAP_CELL - 2, size);
    map->y += MAP_ROW;
}

static void draw_mappings(struct map *map)
{
    const struct snapshot *now = &map->look->now;
    size_t count = now->mapping_count < MAPPINGS_MOST ? now->mapping_count : MAPPINGS_MOST;
    if (count == 0)
        return;
    struct snapshot_mapping *sorted = reallocarray(NULL, now->mapping_count, sizeof *sorted);
    if (!sorted)
        return;
    for (size_t i = 0; i < now->mapping_count; i++)
        sorted[i] = now->mappings[i];
    qsort(sorted, now->mapping_count, sizeof *sorted, by_length);
    put_heading(map, "Mappings of large blocks, the longest first");
    for (size_t i = 0; i < count; i++)
        put_mapping(map, &sorted[i], sorted[0].bytes);
    put_left_out(map, now->mapping_count - count, "mappings");
    free(sorted);
}

void map_draw_rows(struct map *map)
{
    draw_superslabs(map, true, "SuperSlabs for slabs");
    draw_superslabs(map, false, "SuperSlabs for large blocks");
    draw_mappings(map);
}
