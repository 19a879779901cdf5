/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See print.h. */
#include "config.h"

#include "cli/inspect/print.h"

#include "cli/inspect/json.h"
#include "cli/inspect/listing.h"
#include "cli/output/table.h"
#include "cli/output/units.h"
#include "cli/output/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

const char *inspect_doubt(const struct look *look, char text[INSPECT_DOUBT])
{
    text[0] = '\0';
    if (look->now.is_missing_some)
        snprintf(text, INSPECT_DOUBT, "not all of the heap could be read");
    else if (look->now.torn != 0)
        snprintf(text, INSPECT_DOUBT, "%" PRIu64 " %s changed while they were read, and are left out", look->now.torn,
                 look->now.torn == 1 ? "part that" : "parts");
    return text;
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

/* Whether a column has anything to say: rates have not, before there were two looks. */
static bool is_known(const struct listing *listing, size_t column)
{
    bool known = listing->row_count == 0;
    for (size_t row = 0; row < listing->row_count && !known; row++) {
        const struct listing_cell *cell = &listing->cells[row * listing->column_count + column];
        known = cell->text || !isnan(cell->number);
    }
    return known;
}

static bool is_wanted(const struct listing *listing, size_t column, enum output_format format)
{
    if (format == OUTPUT_CSV)
        return listing->columns[column].format != LISTING_PICTURE;
    return is_known(listing, column);
}

static struct table *make_table(const struct listing *listing, enum output_format format)
{
    bool for_programs = format == OUTPUT_CSV;
    const char *names[LISTING_MOST_COLUMNS + 1] = {NULL};
    char alignment[LISTING_MOST_COLUMNS + 1] = "";
    size_t count = 0;
    for (size_t i = 0; i < listing->column_count; i++) {
        if (!is_wanted(listing, i, format))
            continue;
        names[count] = for_programs ? listing->columns[i].key : listing->columns[i].name;
        alignment[count++] = listing_is_text(listing->columns[i].format) ? 'l' : 'r';
    }
    return table_new(names, alignment);
}

static void add_row(struct table *table, const struct listing *listing, size_t row, enum output_format format)
{
    char texts[LISTING_MOST_COLUMNS][LISTING_CELL];
    const char *cells[LISTING_MOST_COLUMNS];
    enum listing_reader reader = format == OUTPUT_CSV ? LISTING_FOR_PROGRAM
                                 : utf8_is_wanted()   ? LISTING_FOR_UTF8
                                                      : LISTING_FOR_ASCII;
    size_t count = 0;
    for (size_t i = 0; i < listing->column_count; i++) {
        if (!is_wanted(listing, i, format))
            continue;
        cells[count] = listing_show(listing, row, i, reader, texts[count]);
        count++;
    }
    table_add(table, cells);
}

static void print_listing(FILE *stream, const struct look *look, enum listing_kind kind, enum output_format format)
{
    static const size_t thread_cached = 2; /* the column by which threads are sorted */
    struct listing listing = listing_make(look, kind);
    if (kind == LISTING_THREADS)
        listing_sort(&listing, thread_cached, false);
    struct table *table = make_table(&listing, format);
    for (size_t row = 0; row < listing.row_count; row++)
        add_row(table, &listing, row, format);
    table_print(table, stream, format, 0);
    table_free(table);
    listing_free(&listing);
}

/* --- what it amounts to ------------------------------------------------------------------------------------------- */

struct entry {
    const char *name;
    uint64_t bytes;
    const char *note;
};

static void add_entry(struct table *table, const struct entry *entry)
{
    char size[UNITS_TEXT];
    const char *cells[] = {entry->name, units_size(entry->bytes, size, sizeof size), entry->note};
    table_add(table, cells);
}

static void print_sum(FILE *stream, const struct look *look, enum output_format format)
{
    static const char *const columns[] = {"memory", "size", "what", NULL};
    const struct snapshot *now = &look->now;
    const struct snapshot_figures *figures = &now->figures;
    char blocks[128], guarded[48] = "";
    struct table *table = table_new(columns, "lrl");
    if (now->counts.guarded_blocks > 0)
        snprintf(guarded, sizeof guarded, ", %" PRIu64 " between guard pages", now->counts.guarded_blocks);
    snprintf(blocks, sizeof blocks, "with the program: %" PRIu64 " blocks, %" PRIu64 " of them above 64 KiB%s",
             figures->allocated_blocks, now->large_blocks, guarded);
    const struct entry entries[] = {
        {"mapped", figures->mapped_bytes, "addresses for blocks and descriptors, the sum of the following"},
        {"allocated", figures->allocated_bytes, blocks},
        {"rounding", figures->rounding_bytes, "behind the last block of each slab"},
        {"cached", figures->cached_bytes, "free blocks in threads' caches"},
        {"free", figures->free_bytes, "free blocks in slabs"},
        {"retained", figures->retained_bytes, "in no slab and no large block, with memory behind it or not"},
        {"metadata", now->counts.metadata_bytes, "descriptors, caches, page map"},
    };
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        add_entry(table, &entries[i]);
    if (look->resident.known) {
        add_entry(table,
                  &(struct entry){"resident", look->resident.resident_bytes, "all of the process, as the kernel says"});
        add_entry(table, &(struct entry){"huge pages", look->resident.huge_page_bytes, "of that"});
        add_entry(table, &(struct entry){"lazily freed", look->resident.lazily_freed_bytes, "of that"});
    }
    table_print(table, stream, format, 0);
    table_free(table);
}

struct event {
    const char *name;
    uint64_t now, before;
    bool is_size;
};

static void add_event(struct table *table, const struct look *look, const struct event *event)
{
    char count[UNITS_TEXT], rate[UNITS_TEXT];
    double each = look_rate(look, event->now, event->before);
    snprintf(count, sizeof count, "%" PRIu64, event->now);
    snprintf(rate, sizeof rate, "%.1f", each);
    if (event->is_size) {
        units_size(event->now, count, sizeof count);
        units_size(each > 0 ? (uint64_t)each : 0, rate, sizeof rate);
    }
    const char *cells[] = {event->name, count, isnan(each) ? "-" : rate};
    table_add(table, cells);
}

static void print_events(FILE *stream, const struct look *look, enum output_format format)
{
    static const char *const columns[] = {"events", "since the start", "per second", NULL};
    const struct snapshot_events *now = &look->now.events, *before = &look->before.events;
    const struct event events[] = {
        {"refills of stacks", now->refills, before->refills, false},
        {"blocks refilled", now->refilled_blocks, before->refilled_blocks, false},
        {"drains of stacks", now->drains, before->drains, false},
        {"blocks drained", now->drained_blocks, before->drained_blocks, false},
        {"blocks freed by other threads", now->remote_blocks, before->remote_blocks, false},
        {"blocks borrowed of larger classes", now->borrowed_blocks, before->borrowed_blocks, false},
        {"SuperSlabs mapped for slabs", now->superslabs_mapped, before->superslabs_mapped, false},
        {"SuperSlabs unmapped of these", now->superslabs_unmapped, before->superslabs_unmapped, false},
        {"memory given back", now->purged_bytes, before->purged_bytes, true},
        {"given back inside of slabs", now->hole_bytes, before->hole_bytes, true},
    };
    struct table *table = table_new(columns, "lrr");
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        add_event(table, look, &events[i]);
    table_print(table, stream, format, 0);
    table_free(table);
}

static void print_heading(FILE *stream, const char *text, enum output_format format)
{
    fprintf(stream, format == OUTPUT_MARKDOWN ? "\n## %s\n\n" : "\n%s\n", text);
}

static void print_title(FILE *stream, const struct look *look, const struct target *target, enum output_format format)
{
    char doubt[INSPECT_DOUBT], library[sizeof target->library];
    snprintf(library, sizeof library, "%s", target->library);
    utf8_clean(library, true);
    fprintf(stream, "%s%s (process %d): libhakmem %s, profile %s, from %s\n%s", format == OUTPUT_MARKDOWN ? "# " : "",
            target->program, (int)target->pid, target->layout.root.library, look->now.profile, library,
            format == OUTPUT_MARKDOWN ? "\n" : "");
    if (*inspect_doubt(look, doubt))
        fprintf(stream, "%s\n", doubt);
    if (target->other_heaps != 0)
        fprintf(stream, "%zu more libhakmem in the process, with heaps of their own, are not shown\n",
                target->other_heaps);
    if (format != OUTPUT_MARKDOWN || *doubt)
        fputc('\n', stream);
}

void inspect_print(FILE *stream, const struct look *look, const struct target *target, enum output_format format)
{
    if (format == OUTPUT_JSON) {
        output_json(stream, inspect_json(look, target));
        return;
    }
    if (format == OUTPUT_CSV) {
        print_listing(stream, look, LISTING_CLASSES, format);
        return;
    }
    print_title(stream, look, target, format);
    print_sum(stream, look, format);
    print_heading(stream, "Size classes", format);
    print_listing(stream, look, LISTING_CLASSES, format);
    print_heading(stream, "Threads' caches", format);
    print_listing(stream, look, LISTING_THREADS, format);
    print_heading(stream, "SuperSlabs and mappings", format);
    print_listing(stream, look, LISTING_MEMORY, format);
    print_heading(stream, "Events", format);
    print_events(stream, look, format);
}
