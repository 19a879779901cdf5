/* SPDX-License-Identifier: MIT */
/* A record as one JSON object in one line (RFC 8259). */
#include "lib/base/process.h"
#include "lib/base/units.h"
#include "lib/observe/miss_rates.h"
#include "lib/observe/stats_counters.h"
#include "lib/observe/stats_record.h"
#include "lib/profile/active.h"
#include "lib/profile/text.h"

#include <string.h>

/* A number of a member that is not the first of its object. */
static void add_number(struct writer *writer, const char *name, uint64_t value)
{
    writer_add(writer, ",\"");
    writer_add(writer, name);
    writer_add(writer, "\":");
    writer_add_number(writer, value);
}

/* What is no UTF-8 or a control character becomes '?'. */
static void add_string(struct writer *writer, const char *text)
{
    writer_add(writer, "\"");
    for (size_t left = strlen(text), step; left > 0; text += step, left -= step) {
        uint32_t code = 0;
        step = hak_text_utf8(text, left, &code);
        if (step == 0 || code < ' ' || code == 0x7f) {
            writer_add_character(writer, '?');
            step = 1;
            continue;
        }
        if (code == '"' || code == '\\')
            writer_add_character(writer, '\\');
        for (size_t i = 0; i < step; i++)
            writer_add_character(writer, text[i]);
    }
    writer_add(writer, "\"");
}

static void add_named_string(struct writer *writer, const char *name, const char *text)
{
    writer_add(writer, ",\"");
    writer_add(writer, name);
    writer_add(writer, "\":");
    add_string(writer, text);
}

static void add_process(struct writer *writer, const struct stats_record *record)
{
    writer_add(writer, "{\"hakmem\":\"" PACKAGE_VERSION "\"");
    add_number(writer, "pid", record->pid);
    if (record->forked_from != 0)
        add_number(writer, "forked_from", record->forked_from);
    add_named_string(writer, "program", record->program);
    add_named_string(writer, "profile", hak_active_profile.name);
    writer_add(writer, ",\"time\":\"");
    process_add_time(writer, record->seconds, false);
    writer_add(writer, "\"");
    add_named_string(writer, "reason", stats_record_reason(record));
}

/* The sum and its terms. */
static void add_memory(struct writer *writer, const struct hak_stats *total)
{
    writer_add(writer, ",\"memory\":{\"mapped_bytes\":");
    writer_add_number(writer, total->total_mapped_bytes);
    add_number(writer, "allocated_bytes", total->live_bytes);
    add_number(writer, "rounding_bytes", total->rounding_bytes);
    add_number(writer, "cached_bytes", total->cached_bytes);
    add_number(writer, "free_bytes", total->free_bytes);
    add_number(writer, "retained_bytes", total->retained_bytes);
    add_number(writer, "metadata_bytes", total->metadata_bytes);
    add_number(writer, "purgeable_bytes", total->purgeable_bytes);
    add_number(writer, "lazily_freed_bytes", total->lazily_freed_bytes);
    add_number(writer, "resident_bytes", total->resident_bytes);
    writer_add(writer, "}");
}

static void add_rate(struct writer *writer, const char *name, enum miss_rate rate)
{
    double share = miss_rates_read(rate);
    writer_add(writer, name);
    if (share < 0)
        writer_add(writer, "null");
    else
        writer_add_decimal(writer, share, 6);
}

static void add_counters(struct writer *writer, const struct hak_stats *total)
{
    writer_add(writer, ",\"counters\":{");
    for (size_t i = 0; i < stats_counter_count; i++) {
        writer_add(writer, i == 0 ? "\"" : ",\"");
        writer_add(writer, stats_counters[i].name);
        writer_add(writer, "\":");
        writer_add_number(writer, stats_counter_value(total, i));
    }
    add_rate(writer, ",\"cache_miss_rate\":", MISS_RATE_CACHE);
    add_rate(writer, ",\"tlb_miss_rate\":", MISS_RATE_TLB);
    writer_add(writer, "}");
}

static void add_class(struct writer *writer, const struct stats_all *all, unsigned class)
{
    struct hak_class_figures of = stats_class_figures(all, class);
    writer_add(writer, "{\"size\":");
    writer_add_number(writer, size_classes[class].size);
    add_number(writer, "allocated", of.allocated);
    add_number(writer, "allocated_bytes", of.allocated_bytes);
    add_number(writer, "cached", of.cached);
    add_number(writer, "cached_bytes", of.cached_bytes);
    add_number(writer, "free", of.free);
    add_number(writer, "free_bytes", of.free_bytes);
    add_number(writer, "rounding_bytes", of.rounding_bytes);
    add_number(writer, "slabs", all->class[class].slabs);
    add_number(writer, "slab_bytes", of.slab_bytes);
    writer_add(writer, ",\"fragmentation\":");
    writer_add_decimal(writer, hak_fragmentation(of.allocated_bytes, of.slab_bytes), 4);
    writer_add(writer, "}");
}

static void add_classes(struct writer *writer, const struct stats_all *all)
{
    const char *before = "";
    writer_add(writer, ",\"classes\":[");
    for (unsigned class = 0; class < size_class_count; class ++) {
        if (all->class[class].slabs == 0)
            continue;
        writer_add(writer, before);
        add_class(writer, all, class);
        before = ",";
    }
    writer_add(writer, "]");
}

static void add_large(struct writer *writer, const struct stats_all *all)
{
    const char *before = "";
    writer_add(writer, ",\"large\":[");
    for (unsigned k = 0; k < STATS_LARGE_CLASSES; k++) {
        if (all->large[k].blocks == 0)
            continue;
        writer_add(writer, before);
        writer_add(writer, "{\"from\":");
        writer_add_number(writer, stats_large_least(k));
        add_number(writer, "to", stats_large_most(k));
        add_number(writer, "allocated", all->large[k].blocks);
        add_number(writer, "allocated_bytes", all->large[k].bytes);
        add_number(writer, "mappings", all->large[k].mappings);
        writer_add(writer, "}");
        before = ",";
    }
    writer_add(writer, "]");
}

static void add_sizes(struct writer *writer, const struct hak_profile *profile)
{
    for (uint64_t i = 0; i < profile->size_classes_count; i++) {
        writer_add(writer, i == 0 ? "" : ",");
        writer_add_number(writer, profile->size_classes_sizes[i]);
    }
}

/* The profile's values, as it has them. */
static void add_parameters(struct writer *writer)
{
    const char *before = ",\"parameters\":{\"";
    for (size_t row = 0; row < hak_parameter_count; row++) {
        const struct hak_parameter *of = &hak_parameters[row];
        char value[HAK_UNITS_TEXT];
        if (of->type == HAK_TYPE_NAME)
            continue;
        writer_add(writer, before);
        writer_add(writer, of->key);
        writer_add(writer, "\":");
        before = ",\"";
        if (of->type == HAK_TYPE_SIZE_LIST) {
            writer_add(writer, "[");
            add_sizes(writer, &hak_active_profile);
            writer_add(writer, "]");
        } else {
            add_string(writer,
                       hak_parameter_format(of, hak_parameter_get(of, &hak_active_profile), value, sizeof value));
        }
    }
    writer_add(writer, "}");
}

void stats_add_json(struct writer *writer, const struct stats_record *record)
{
    add_process(writer, record);
    add_memory(writer, &record->all.total);
    add_counters(writer, &record->all.total);
    add_classes(writer, &record->all);
    add_large(writer, &record->all);
    add_parameters(writer);
    writer_add(writer, "}\n");
}

HAK_EXPORT COLD size_t hak_stats_json(char *text, size_t size)
{
    struct stats_record record;
    struct writer writer = writer_start(text, size);
    stats_record_take(&record, STATS_OF_CALL);
    stats_add_json(&writer, &record);
    return writer.length;
}
