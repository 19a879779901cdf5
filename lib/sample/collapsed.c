/* SPDX-License-Identifier: MIT */
#include "lib/sample/collapsed.h"

#include "lib/base/record_file.h"
#include "lib/sample/estimate.h"
#include "lib/sample/records.h"
#include "lib/sample/symbols.h"

#include <errno.h>

/* Room for the name of a function; what is longer is cut. Those of C++ templates are that long. */
#define NAME_BYTES 1024

struct collapsed {
    struct record_file *file;
    struct symbols symbols;
    bool allocated;
};

static uint64_t samples_of(const struct collapsed *collapsed, const struct sample_record *record)
{
    struct record_counts counts = record_count(record);
    return collapsed->allocated ? counts.taken : counts.live;
}

static void count_frames(const struct sample_record *record, void *context)
{
    *(size_t *)context += record->depth;
}

static void add_frames(const struct sample_record *record, void *context)
{
    struct symbols *symbols = context;
    for (uint32_t frame = 0; frame < record->depth; frame++)
        symbols_add(symbols, record->frames[frame] - 1);
}

/* Semicolons and blanks part what is written. A name in a symbol table has none, but that of a file may. */
static void write_name(struct collapsed *collapsed, uintptr_t address)
{
    char name[NAME_BYTES];
    struct writer writer = writer_start(name, sizeof name);
    symbols_describe(&collapsed->symbols, address, &writer);
    for (char *c = name; *c != '\0'; c++)
        *c = *c == ';' || (unsigned char)*c <= ' ' ? '_' : *c;
    writer_add(record_file_room(collapsed->file, sizeof name), name);
}

static void write_stack(const struct sample_record *record, void *context)
{
    struct collapsed *collapsed = context;
    uint64_t samples = samples_of(collapsed, record);
    if (samples == 0)
        return;
    for (uint32_t frame = record->depth; frame > 0; frame--) {
        write_name(collapsed, record->frames[frame - 1] - 1);
        writer_add(record_file_room(collapsed->file, 2), frame > 1 ? ";" : "");
    }
    struct writer *line = record_file_room(collapsed->file, 64);
    writer_add(line, record->depth == 0 ? "unknown " : " ");
    writer_add_number(line, (uint64_t)((double)(samples * record->bytes) * estimate_weight(record->bytes) + 0.5));
    writer_add(line, "\n");
}

void collapsed_write(struct record_file *file, bool allocated)
{
    struct collapsed collapsed = {.file = file, .allocated = allocated};
    size_t frames = 0;
    records_each(count_frames, &frames);
    if (!symbols_begin(&collapsed.symbols, frames)) {
        file->error = ENOMEM;
        return;
    }
    records_each(add_frames, &collapsed.symbols);
    symbols_find(&collapsed.symbols);
    records_each(write_stack, &collapsed);
    symbols_end(&collapsed.symbols);
}
