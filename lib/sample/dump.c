/* SPDX-License-Identifier: MIT */
#include "lib/sample/dump.h"

#include "lib/base/claim.h"
#include "lib/base/record_file.h"
#include "lib/profile/active.h"
#include "lib/sample/collapsed.h"
#include "lib/sample/maps.h"
#include "lib/sample/records.h"

#include <errno.h>
#include <string.h>

/* Room for a number and what stands around it. */
#define NUMBER_BYTES ((size_t)32)

/* --- the text form ------------------------------------------------------------------------------------------------ */

struct sums {
    uint64_t live, live_bytes, taken, taken_bytes;
};

static void add_sums(const struct sample_record *record, void *context)
{
    struct sums *sums = context;
    struct record_counts counts = record_count(record);
    sums->live += counts.live;
    sums->live_bytes += counts.live * record->bytes;
    sums->taken += counts.taken;
    sums->taken_bytes += counts.taken * record->bytes;
}

/* "1: 512 [3: 1536] @" */
static void write_sums(struct record_file *file, const struct sums *sums)
{
    struct writer *line = record_file_room(file, 5 * NUMBER_BYTES);
    writer_add_number(line, sums->live);
    writer_add(line, ": ");
    writer_add_number(line, sums->live_bytes);
    writer_add(line, " [");
    writer_add_number(line, sums->taken);
    writer_add(line, ": ");
    writer_add_number(line, sums->taken_bytes);
    writer_add(line, "] @");
}

/* The tools take 1 off each address to get from what is behind a call into it, but some of them not off the first. So 1
 * is off that here: two bytes before its end are within any call. */
static uintptr_t shown_frame(const struct sample_record *record, uint32_t frame)
{
    return record->frames[frame] - (frame == 0);
}

static void write_record(const struct sample_record *record, void *context)
{
    struct record_file *file = context;
    struct sums sums = {0};
    add_sums(record, &sums);
    if (sums.taken == 0)
        return;
    write_sums(file, &sums);
    for (uint32_t frame = 0; frame < record->depth; frame++) {
        struct writer *line = record_file_room(file, NUMBER_BYTES);
        writer_add(line, " ");
        writer_add_hexadecimal(line, shown_frame(record, frame));
    }
    writer_add(record_file_room(file, NUMBER_BYTES), "\n");
}

static void write_part(const char *text, size_t length, void *context)
{
    record_file_write(context, text, length);
}

static void write_text(struct record_file *file)
{
    struct sums sums = {0};
    records_each(add_sums, &sums);
    writer_add(record_file_room(file, NUMBER_BYTES), "heap profile: ");
    write_sums(file, &sums);
    struct writer *line = record_file_room(file, 2 * NUMBER_BYTES);
    writer_add(line, " heap_v2/");
    writer_add_number(line, HAK_PROFILE(heap_profile_interval));
    writer_add(line, "\n");
    records_each(write_record, file);
    writer_add(record_file_room(file, NUMBER_BYTES), "\nMAPPED_LIBRARIES:\n");
    maps_each_part(write_part, file);
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), of_ending = strlen(ending);
    return length >= of_ending && strcmp(name + length - of_ending, ending) == 0;
}

static void write_as_named(struct record_file *file, const char *pattern)
{
    if (ends_with(pattern, ".allocated.folded"))
        collapsed_write(file, true);
    else if (ends_with(pattern, ".folded"))
        collapsed_write(file, false);
    else
        write_text(file);
}

int dump_write(const char *name, const char *pattern)
{
    static struct record_file file; /* whoever has the claim */
    static struct claim writing;
    if (!claim_take(&writing))
        return EBUSY;
    bool begun = record_file_begin(&file, name);
    if (begun) {
        write_as_named(&file, pattern);
        record_file_end(&file);
    }
    int error = file.error;
    claim_release(&writing);
    return error;
}
