/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See listing.h. */
#include "config.h"

#include "cli/inspect/listing.h"

#include "cli/inspect/page_picture.h"
#include "cli/output/memory.h"
#include "cli/output/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- columns ------------------------------------------------------------------------------------------------------ */

static const struct listing_column class_columns[] = {
    {"size", "size", LISTING_SIZE, 0},
    {"slabs", "slabs", LISTING_COUNT, 3},
    {"memory", "slab_bytes", LISTING_SIZE, 0},
    {"allocated", "allocated_bytes", LISTING_SIZE, 0},
    {"blocks", "allocated", LISTING_COUNT, 4},
    {"full", "occupancy", LISTING_SHARE, 1},
    {"fragm.", "fragmentation", LISTING_SHARE, 1},
    {"cached", "cached_bytes", LISTING_SIZE, 0},
    {"free", "free_bytes", LISTING_SIZE, 2},
    {"growth", "allocated_bytes_per_second", LISTING_SIZE_RATE, 1},
    {"rounding", "rounding_bytes", LISTING_SIZE, 5},
};

static const struct listing_column thread_columns[] = {
    {"thread", "thread", LISTING_COUNT, 0},
    {"name", "name", LISTING_TEXT, 0},
    {"cached", "cached_bytes", LISTING_SIZE, 0},
    {"blocks", "cached", LISTING_COUNT, 2},
    {"own slabs", "slab_bytes", LISTING_SIZE, 1},
    {"refills/s", "refills_per_second", LISTING_RATE, 0},
    {"drains/s", "drains_per_second", LISTING_RATE, 0},
    {"moved/s", "blocks_moved_per_second", LISTING_RATE, 1},
    {"buffered", "buffered", LISTING_COUNT, 4},
    {"refills", "refills", LISTING_COUNT, 5},
    {"drains", "drains", LISTING_COUNT, 5},
    {"heap", "heap", LISTING_COUNT, 6},
};

static const struct listing_column superslab_columns[] = {
    {"address", "address", LISTING_ADDRESS, 0},
    {"for", "for", LISTING_TEXT, 0},
    {"size", "bytes", LISTING_SIZE, 1},
    {"used", "used_bytes", LISTING_SIZE, 0},
    {"full", "occupancy", LISTING_SHARE, 1},
    {"retained", "retained_bytes", LISTING_SIZE, 2},
    {"released", "released_bytes", LISTING_SIZE, 3},
    {"fresh", "fresh_bytes", LISTING_SIZE, 4},
    {"huge", "huge", LISTING_TEXT, 5},
    {"pages", "pages", LISTING_PICTURE, 0},
};

static const struct listing_column memory_columns[] = {
    {"memory for", "for", LISTING_TEXT, 0},
    {"number", "count", LISTING_COUNT, 0},
    {"mapped", "bytes", LISTING_SIZE, 0},
    {"used", "used_bytes", LISTING_SIZE, 0},
    {"retained", "retained_bytes", LISTING_SIZE, 0},
    {"lazily freed", "lazily_freed_bytes", LISTING_SIZE, 2},
    {"released", "released_bytes", LISTING_SIZE, 0},
    {"fresh", "fresh_bytes", LISTING_SIZE, 1},
    {"huge pages", "huge_bytes", LISTING_SIZE, 1},
};

#define COLUMNS(columns) columns, sizeof columns / sizeof *columns

static const struct {
    const struct listing_column *columns;
    size_t count;
} columns_of[LISTINGS] = {
    [LISTING_CLASSES] = {COLUMNS(class_columns)},
    [LISTING_THREADS] = {COLUMNS(thread_columns)},
    [LISTING_SUPERSLABS] = {COLUMNS(superslab_columns)},
    [LISTING_MEMORY] = {COLUMNS(memory_columns)},
};

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* Rows are filled from the left. */
struct row {
    struct listing_cell *next;
};

static void put(struct row *row, double number)
{
    *row->next++ = (struct listing_cell){number, NULL};
}

static void put_text(struct row *row, const char *text)
{
    *row->next++ = (struct listing_cell){NAN, text};
}

static struct row row_at(struct listing *listing, size_t index)
{
    return (struct row){listing->cells + index * listing->column_count};
}

static double share(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : NAN;
}

static void fill_class(struct row row, const struct look *look, size_t index)
{
    const struct snapshot_class *class = &look->now.classes[index];
    const struct hak_class_figures *figures = &class->figures;
    put(&row, class->size);
    put(&row, (double)class->counts.slabs);
    put(&row, (double)figures->slab_bytes);
    put(&row, (double)figures->allocated_bytes);
    put(&row, (double)figures->allocated);
    put(&row, share(figures->allocated + figures->cached, class->counts.slabs * class->blocks));
    put(&row, hak_fragmentation(figures->allocated_bytes, figures->slab_bytes));
    put(&row, (double)figures->cached_bytes);
    put(&row, (double)figures->free_bytes);
    put(&row, look_rate(look, figures->allocated_bytes, look->before.classes[index].figures.allocated_bytes));
    put(&row, (double)figures->rounding_bytes);
}

/* All blocks above the largest class. */
static void fill_large(struct row row, const struct look *look)
{
    *row.next++ = (struct listing_cell){INFINITY, "larger"};
    put(&row, NAN);
    put(&row, (double)look->now.large_bytes);
    put(&row, (double)look->now.large_bytes);
    put(&row, (double)look->now.large_blocks);
    put(&row, look->now.large_blocks ? 1 : NAN);
    put(&row, 0);
    put(&row, 0);
    put(&row, 0);
    put(&row, look_rate(look, look->now.large_bytes, look->before.large_bytes));
    put(&row, 0);
}

static void fill_classes(struct listing *listing, const struct look *look)
{
    const struct snapshot *now = &look->now;
    for (size_t i = 0; i < now->class_count; i++)
        if (now->classes[i].counts.slabs != 0)
            fill_class(row_at(listing, listing->row_count++), look, i);
    if (now->large_blocks != 0)
        fill_large(row_at(listing, listing->row_count++), look);
}

static double rate_of(const struct look *look, const struct snapshot_heap *before, uint64_t now, uint64_t then)
{
    return before ? look_rate(look, now, then) : NAN;
}

static void fill_thread(struct row row, const struct look *look, size_t index)
{
    const struct snapshot_heap *heap = &look->now.heaps[index], *before = look_heap_before(look, index);
    struct snapshot_heap none = {0};
    const struct snapshot_heap *then = before ? before : &none;
    bool has_thread = !heap->idle && heap->thread != 0;
    *row.next++ = (struct listing_cell){has_thread ? (double)heap->thread : NAN, NULL};
    put_text(&row, has_thread ? heap->name : heap->idle ? "(ended)" : "(no thread)");
    put(&row, (double)heap->cached_bytes);
    put(&row, (double)heap->cached_blocks);
    put(&row, (double)heap->slab_bytes);
    put(&row, rate_of(look, before, heap->refills, then->refills));
    put(&row, rate_of(look, before, heap->drains, then->drains));
    put(&row, rate_of(look, before, heap->refilled_blocks + heap->drained_blocks,
                      then->refilled_blocks + then->drained_blocks));
    put(&row, (double)heap->buffered_blocks);
    put(&row, (double)heap->refills);
    put(&row, (double)heap->drains);
    put(&row, heap->id);
}

static void fill_threads(struct listing *listing, const struct look *look)
{
    for (size_t i = 0; i < look->now.heap_count; i++)
        fill_thread(row_at(listing, listing->row_count++), look, i);
}

static double bytes_of(const struct look *look, uint64_t pages)
{
    return (double)(pages << look->now.page_shift);
}

static uint32_t used_pages(const struct snapshot_superslab *superslab)
{
    return superslab->count[PAGES_SLAB] + superslab->count[PAGES_LARGE] + superslab->count[PAGES_MOVING];
}

static void fill_superslab(struct row row, const struct look *look, size_t index)
{
    const struct snapshot_superslab *superslab = &look->now.superslabs[index];
    put(&row, (double)superslab->base);
    put_text(&row, snapshot_kind(superslab->kind));
    put(&row, bytes_of(look, superslab->pages));
    put(&row, bytes_of(look, used_pages(superslab)));
    put(&row, share(used_pages(superslab), superslab->pages));
    put(&row, bytes_of(look, superslab->count[PAGES_RETAINED]));
    put(&row, bytes_of(look, superslab->count[PAGES_RELEASED] + superslab->count[PAGES_LAZY]));
    put(&row, bytes_of(look, superslab->count[PAGES_FRESH]));
    put_text(&row, superslab->huge ? "yes" : "no");
    put(&row, (double)index);
}

static void fill_superslabs(struct listing *listing, const struct look *look)
{
    for (size_t i = 0; i < look->now.superslab_count; i++)
        fill_superslab(row_at(listing, listing->row_count++), look, i);
}

static void fill_kind(struct listing *listing, const struct look *look, size_t kind)
{
    uint64_t count = 0, pages = 0, used = 0, huge = 0, by_use[PAGE_USES] = {0};
    for (size_t i = 0; i < look->now.superslab_count; i++) {
        const struct snapshot_superslab *superslab = &look->now.superslabs[i];
        if (superslab->kind != kind)
            continue;
        count++;
        pages += superslab->pages;
        used += used_pages(superslab);
        huge += superslab->huge ? superslab->pages : 0;
        for (int use = 0; use < PAGE_USES; use++)
            by_use[use] += superslab->count[use];
    }
    if (count == 0)
        return;
    struct row row = row_at(listing, listing->row_count++);
    put_text(&row, snapshot_kind((uint8_t)kind));
    put(&row, (double)count);
    put(&row, bytes_of(look, pages));
    put(&row, bytes_of(look, used));
    put(&row, bytes_of(look, by_use[PAGES_RETAINED]));
    put(&row, bytes_of(look, by_use[PAGES_LAZY]));
    put(&row, bytes_of(look, by_use[PAGES_RELEASED]));
    put(&row, bytes_of(look, by_use[PAGES_FRESH]));
    put(&row, bytes_of(look, huge));
}

/* Mappings of their own, in use or RETAINED. */
static void fill_mappings(struct listing *listing, const struct look *look, bool retained)
{
    uint64_t count = 0, bytes = 0;
    for (size_t i = 0; i < look->now.mapping_count; i++) {
        const struct snapshot_mapping *mapping = &look->now.mappings[i];
        count += mapping->retained == retained;
        bytes += mapping->retained == retained ? mapping->bytes : 0;
    }
    if (count == 0)
        return;
    struct row row = row_at(listing, listing->row_count++);
    put_text(&row, retained ? "freed mappings" : "mappings of large blocks");
    put(&row, (double)count);
    put(&row, (double)bytes);
    put(&row, retained ? 0 : (double)bytes);
    put(&row, retained ? (double)bytes : 0);
    for (int i = 0; i < 4; i++)
        put(&row, i < 3 ? 0 : NAN);
}

static void fill_metadata(struct listing *listing, const struct look *look)
{
    struct row row = row_at(listing, listing->row_count++);
    put_text(&row, "metadata");
    put(&row, NAN);
    put(&row, (double)look->now.counts.metadata_bytes);
    for (int i = 0; i < 6; i++)
        put(&row, NAN);
}

static void fill_memory(struct listing *listing, const struct look *look)
{
    for (size_t kind = 0; kind < SNAPSHOT_KINDS; kind++)
        fill_kind(listing, look, kind);
    fill_mappings(listing, look, false);
    fill_mappings(listing, look, true);
    fill_metadata(listing, look);
}

static size_t most_rows(const struct look *look, enum listing_kind kind)
{
    switch (kind) {
    case LISTING_CLASSES:
        return look->now.class_count + 1;
    case LISTING_THREADS:
        return look->now.heap_count;
    case LISTING_SUPERSLABS:
        return look->now.superslab_count;
    default:
        return SNAPSHOT_KINDS + 3;
    }
}

struct listing listing_make(const struct look *look, enum listing_kind kind)
{
    static void (*const fill[LISTINGS])(struct listing *, const struct look *) = {
        [LISTING_CLASSES] = fill_classes,
        [LISTING_THREADS] = fill_threads,
        [LISTING_SUPERSLABS] = fill_superslabs,
        [LISTING_MEMORY] = fill_memory,
    };
    struct listing listing = {
        .kind = kind, .columns = columns_of[kind].columns, .column_count = columns_of[kind].count, .look = look};
    listing.cells = must_have(calloc(most_rows(look, kind) + 1, listing.column_count * sizeof *listing.cells));
    fill[kind](&listing, look);
    return listing;
}

void listing_free(struct listing *listing)
{
    free(listing->cells);
    listing->cells = NULL;
    listing->row_count = 0;
}

/* --- order -------------------------------------------------------------------------------------------------------- */

struct order {
    const struct listing *listing;
    size_t column;
    bool backwards;
};

/* Numbers that are not known come last, whichever way. */
static int compare_numbers(double a, double b, bool backwards)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    int order = (b > a) - (b < a);
    return backwards ? -order : order;
}

static int compare(const void *one, const void *other, void *context)
{
    const struct order *order = context;
    size_t a = *(const size_t *)one, b = *(const size_t *)other, columns = order->listing->column_count;
    const struct listing_cell *left = &order->listing->cells[a * columns + order->column];
    const struct listing_cell *right = &order->listing->cells[b * columns + order->column];
    int result = 0;
    if (order->listing->columns[order->column].format == LISTING_TEXT)
        result = order->backwards ? strcmp(right->text, left->text) : strcmp(left->text, right->text);
    else
        result = compare_numbers(left->number, right->number, order->backwards);
    return result ? result : (a > b) - (a < b);
}

void listing_sort(struct listing *listing, size_t column, bool backwards)
{
    size_t count = listing->row_count, columns = listing->column_count, row_bytes = columns * sizeof *listing->cells;
    struct order order = {listing, column, backwards};
    size_t *rows = must_have(calloc(count + 1, sizeof *rows));
    struct listing_cell *sorted = must_have(calloc(count + 1, row_bytes));
    for (size_t i = 0; i < count; i++)
        rows[i] = i;
    qsort_r(rows, count, sizeof *rows, compare, &order);
    for (size_t i = 0; i < count; i++)
        memcpy(sorted + i * columns, listing->cells + rows[i] * columns, row_bytes);
    free(listing->cells);
    free(rows);
    listing->cells = sorted;
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

static void show_size(double bytes, char *text, size_t size)
{
    if (fabs(bytes) < 1024)
        snprintf(text, size, "%.0f B", bytes);
    else
        units_size((uint64_t)fabs(bytes), text, size);
}

/* "+1.5 MiB/s", "-17 B/s", "0". */
static void show_size_rate(double bytes, char *text, size_t size)
{
    char amount[UNITS_TEXT];
    show_size(fabs(bytes), amount, sizeof amount);
    if (fabs(bytes) < 0.5)
        snprintf(text, size, "0");
    else
        snprintf(text, size, "%c%s/s", bytes < 0 ? '-' : '+', amount);
}

static void show_rate(double rate, char *text, size_t size)
{
    if (rate < 9999.5)
        snprintf(text, size, "%.0f", rate);
    else
        snprintf(text, size, "%.*f %c", rate < 99950 ? 1 : 0, rate < 999500 ? rate / 1e3 : rate / 1e6,
                 rate < 999500 ? 'k' : 'M');
}

static void show_for_people(enum listing_format format, double number, char *text)
{
    if (format == LISTING_SIZE)
        show_size(number, text, LISTING_CELL);
    else if (format == LISTING_SIZE_RATE)
        show_size_rate(number, text, LISTING_CELL);
    else if (format == LISTING_RATE)
        show_rate(number, text, LISTING_CELL);
    else if (format == LISTING_SHARE)
        snprintf(text, LISTING_CELL, "%.0f %%", 100 * number);
    else
        snprintf(text, LISTING_CELL, "%.0f", number);
}

static void show_for_programs(enum listing_format format, double number, char *text)
{
    snprintf(text, LISTING_CELL, "%.*f", format == LISTING_SHARE ? 6 : format == LISTING_RATE ? 3 : 0, number);
}

const char *listing_show(const struct listing *listing, size_t row, size_t column, enum listing_reader reader,
                         char text[LISTING_CELL])
{
    const struct listing_cell *cell = &listing->cells[row * listing->column_count + column];
    enum listing_format format = listing->columns[column].format;
    if (cell->text)
        snprintf(text, LISTING_CELL, "%s", cell->text);
    else if (isnan(cell->number))
        snprintf(text, LISTING_CELL, "%s", reader == LISTING_FOR_PROGRAM ? "" : "-");
    else if (format == LISTING_ADDRESS)
        snprintf(text, LISTING_CELL, "0x%" PRIx64, (uint64_t)cell->number);
    else if (format == LISTING_PICTURE)
        page_picture(&listing->look->now, (size_t)cell->number, reader == LISTING_FOR_UTF8, text, LISTING_CELL);
    else if (reader == LISTING_FOR_PROGRAM)
        show_for_programs(format, cell->number, text);
    else
        show_for_people(format, cell->number, text);
    return text;
}
