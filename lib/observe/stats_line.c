/* SPDX-License-Identifier: MIT */
/* A record as one line that people read. */
#include "lib/base/process.h"
#include "lib/observe/stats_record.h"
#include "lib/profile/active.h"

static void add_process(struct writer *writer, const struct stats_record *record)
{
    writer_add(writer, "hakmem: ");
    writer_add(writer, record->program);
    writer_add(writer, "[");
    writer_add_number(writer, record->pid);
    writer_add(writer, "]");
    if (record->forked_from != 0) {
        writer_add(writer, ", forked from ");
        writer_add_number(writer, record->forked_from);
    }
    writer_add(writer, ", profile ");
    writer_add(writer, hak_active_profile.name);
    writer_add(writer, ", ");
    process_add_time(writer, record->seconds, false);
    writer_add(writer, ": ");
}

static void add_part(struct writer *writer, uint64_t bytes, const char *what)
{
    writer_add_size(writer, bytes);
    writer_add(writer, what);
}

void stats_add_line(struct writer *writer, const struct stats_record *record)
{
    const struct hak_stats *total = &record->all.total;
    add_process(writer, record);
    add_part(writer, total->total_mapped_bytes, " mapped = ");
    add_part(writer, total->live_bytes, " allocated in ");
    writer_add_number(writer, total->live_blocks);
    writer_add(writer, total->live_blocks == 1 ? " block + " : " blocks + ");
    add_part(writer, total->cached_bytes, " cached + ");
    add_part(writer, total->free_bytes, " free in slabs + ");
    add_part(writer, total->rounding_bytes, " rounding + ");
    add_part(writer, total->retained_bytes, " retained + ");
    add_part(writer, total->metadata_bytes, " metadata; ");
    add_part(writer, total->resident_bytes, " resident; ");
    if (total->lazily_freed_bytes != 0)
        add_part(writer, total->lazily_freed_bytes, " lazily freed; ");
    writer_add(writer, "at most ");
    add_part(writer, total->peak_mapped_bytes, " for blocks\n");
}
