/* SPDX-License-Identifier: MIT */
#include "lib/sample/leaks.h"

#include "lib/base/os.h"
#include "lib/base/process.h"
#include "lib/base/record_file.h"
#include "lib/base/splitmix.h"
#include "lib/profile/active.h"
#include "lib/sample/estimate.h"
#include "lib/sample/records.h"
#include "lib/sample/symbols.h"

#include <errno.h>
#include <unistd.h>

/* What a terminal gets. */
#define SHORT_STACKS 10
#define SHORT_FRAMES 12

#define NAME_BYTES 512 /* of a function; what is longer is cut */

/* One stack, with all sizes of its blocks. */
struct site {
    const struct sample_record *record; /* one of them */
    double bytes, blocks;               /* estimates */
    uint64_t samples;
};

struct leaks {
    struct record_file *file;
    size_t stacks_most, frames_most;
    struct sort_item *items; /* records, by stack; then sites, by bytes */
    struct site *sites;
    size_t records, count, room;
    struct symbols symbols;
    struct site sum;
};

/* --- what lives --------------------------------------------------------------------------------------------------- */

static uint64_t hash_of_stack(const struct sample_record *record)
{
    uint64_t hash = record->depth;
    for (uint32_t frame = 0; frame < record->depth; frame++)
        hash = splitmix_scatter(hash ^ record->frames[frame]);
    return hash;
}

static void add_record(const struct sample_record *record, void *context)
{
    struct leaks *leaks = context;
    if (record_count(record).live != 0 && leaks->records < leaks->room)
        leaks->items[leaks->records++] = (struct sort_item){hash_of_stack(record), record};
}

static void add_to_site(struct site *site, const struct sample_record *record)
{
    uint64_t samples = record_count(record).live;
    double blocks = (double)samples * estimate_weight(record->bytes);
    site->record = record;
    site->samples += samples;
    site->blocks += blocks;
    site->bytes += blocks * (double)record->bytes;
}

/* Stacks of one hash are taken for one: there are 2^64 hashes. */
static void unite_sites(struct leaks *leaks)
{
    sort_items(leaks->items, leaks->records);
    for (size_t i = 0; i < leaks->records; i++) {
        if (i == 0 || leaks->items[i].key != leaks->items[i - 1].key)
            leaks->sites[leaks->count++] = (struct site){0};
        add_to_site(&leaks->sites[leaks->count - 1], leaks->items[i].value);
        add_to_site(&leaks->sum, leaks->items[i].value);
    }
    for (size_t i = 0; i < leaks->count; i++)
        leaks->items[i] = (struct sort_item){(uint64_t)leaks->sites[i].bytes, &leaks->sites[i]};
    sort_items(leaks->items, leaks->count);
}

/* The one with the most bytes is number 0. */
static const struct site *site(const struct leaks *leaks, size_t number)
{
    return leaks->items[leaks->count - 1 - number].value;
}

/* --- text --------------------------------------------------------------------------------------------------------- */

static void add_estimate(struct writer *line, const struct site *of)
{
    writer_add_size(line, (uint64_t)(of->bytes + 0.5));
    writer_add(line, " in ");
    writer_add_number(line, (uint64_t)(of->blocks + 0.5));
    writer_add(line, " blocks (");
    writer_add_number(line, of->samples);
    writer_add(line, of->samples == 1 ? " sample)" : " samples)");
}

static void write_head(struct leaks *leaks)
{
    struct writer *line = record_file_room(leaks->file, 1024);
    writer_add(line, "hakmem: ");
    writer_add(line, process_name());
    writer_add(line, " (");
    writer_add_number(line, (uint64_t)getpid());
    writer_add(line, ") holds ");
    add_estimate(line, &leaks->sum);
    writer_add(line, ", of one sample in ");
    writer_add_size(line, HAK_PROFILE(heap_profile_interval));
    writer_add(line, ". It may use them still. By call stack, largest first:\n");
}

static size_t least(size_t a, size_t b)
{
    return size_minimum(a, b);
}

static void write_frames(struct leaks *leaks, const struct sample_record *record)
{
    size_t shown = least(record->depth, leaks->frames_most);
    for (size_t frame = 0; frame < shown; frame++) {
        char name[NAME_BYTES];
        struct writer writer = writer_start(name, sizeof name);
        symbols_describe(&leaks->symbols, record->frames[frame] - 1, &writer);
        writer_show_controls(name, writer_kept(&writer), '?');
        struct writer *line = record_file_room(leaks->file, sizeof name + 16);
        writer_add(line, "        ");
        writer_add(line, name);
        writer_add(line, "\n");
    }
    if (shown == record->depth)
        return;
    struct writer *line = record_file_room(leaks->file, 128);
    writer_add(line, "        ... and ");
    writer_add_number(line, record->depth - shown);
    writer_add(line, " more\n");
}

static void write_sites(struct leaks *leaks)
{
    size_t shown = least(leaks->count, leaks->stacks_most);
    for (size_t number = 0; number < shown; number++) {
        struct writer *line = record_file_room(leaks->file, 256);
        writer_add(line, "    ");
        add_estimate(line, site(leaks, number));
        writer_add(line, "\n");
        write_frames(leaks, site(leaks, number)->record);
    }
    if (shown == leaks->count)
        return;
    struct writer *line = record_file_room(leaks->file, 256);
    writer_add(line, "    ... and ");
    writer_add_number(line, leaks->count - shown);
    writer_add(line, " more stacks: HAKMEM_LEAKS=FILE has all, HAKMEM_PROFILE_HEAP=FILE their lines of source\n");
}

static void find_names(struct leaks *leaks)
{
    for (size_t number = 0; number < least(leaks->count, leaks->stacks_most); number++) {
        const struct sample_record *record = site(leaks, number)->record;
        for (size_t frame = 0; frame < least(record->depth, leaks->frames_most); frame++)
            symbols_add(&leaks->symbols, record->frames[frame] - 1);
    }
    symbols_find(&leaks->symbols);
}

static size_t frames_of(const struct leaks *leaks)
{
    size_t frames = 0;
    for (size_t number = 0; number < least(leaks->count, leaks->stacks_most); number++)
        frames += least(site(leaks, number)->record->depth, leaks->frames_most);
    return frames;
}

static void write_report(struct leaks *leaks)
{
    records_each(add_record, leaks);
    unite_sites(leaks);
    write_head(leaks);
    if (!symbols_begin(&leaks->symbols, frames_of(leaks))) {
        leaks->file->error = ENOMEM;
        return;
    }
    find_names(leaks);
    write_sites(leaks);
    symbols_end(&leaks->symbols);
}

/* --- memory and files --------------------------------------------------------------------------------------------- */

static void report(struct record_file *file, size_t stacks_most, size_t frames_most)
{
    size_t room = records_size().records + 1;
    size_t bytes = round_up(room * (sizeof(struct sort_item) + sizeof(struct site)), os_page_bytes);
    struct leaks leaks = {.file = file, .stacks_most = stacks_most, .frames_most = frames_most, .room = room};
    leaks.items = os_map(bytes);
    if (leaks.items == NULL) {
        file->error = ENOMEM;
        return;
    }
    leaks.sites = (struct site *)(leaks.items + room);
    write_report(&leaks);
    os_unmap(leaks.items, bytes);
}

/* Both are called at the end of the process, one after the other. */
static struct record_file report_file;

void leaks_print(int descriptor)
{
    record_file_use(&report_file, descriptor);
    report(&report_file, SHORT_STACKS, SHORT_FRAMES);
    record_file_flush(&report_file);
}

int leaks_write(const char *name, const char *pattern)
{
    (void)pattern;
    if (!record_file_begin(&report_file, name))
        return report_file.error;
    report(&report_file, SIZE_MAX, SIZE_MAX);
    record_file_end(&report_file);
    return report_file.error;
}
