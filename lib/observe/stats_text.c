/* SPDX-License-Identifier: MIT */
/* A record as text: one "name: value" a line, then the size classes, then the profile's values in force. */
#include "lib/base/process.h"
#include "lib/base/units.h"
#include "lib/observe/miss_rates.h"
#include "lib/observe/stats_counters.h"
#include "lib/observe/stats_record.h"
#include "lib/profile/active.h"

static void add_text(struct writer *writer, const char *name, const char *value)
{
    writer_add(writer, name);
    writer_add(writer, ": ");
    writer_add(writer, value);
    writer_add(writer, "\n");
}

static void add_number(struct writer *writer, const char *name, uint64_t value)
{
    writer_add(writer, name);
    writer_add(writer, ": ");
    writer_add_number(writer, value);
    writer_add(writer, "\n");
}

static void add_percent(struct writer *writer, double share)
{
    writer_add_decimal(writer, 100.0 * share, 1);
    writer_add(writer, " %");
}

static void add_process(struct writer *writer, const struct stats_record *record)
{
    writer_add(writer, "hakmem: statistics\n");
    add_text(writer, "program", record->program);
    add_number(writer, "pid", record->pid);
    if (record->forked_from != 0)
        add_number(writer, "forked_from", record->forked_from);
    writer_add(writer, "time: ");
    process_add_time(writer, record->seconds, false);
    writer_add(writer, "\n");
    add_text(writer, "reason", stats_record_reason(record));
}

/* 1 - live / resident, by usable sizes; hakmem-bench knows what was asked for and prints the stricter figure. */
static void add_fragmentation(struct writer *writer, const struct hak_stats *total)
{
    writer_add(writer, "fragmentation: ");
    if (total->resident_bytes != 0 && total->live_bytes <= total->resident_bytes)
        add_percent(writer, hak_fragmentation(total->live_bytes, total->resident_bytes));
    else
        writer_add(writer, "not available (less is resident than in use)");
    writer_add(writer, "\n");
}

static void add_miss_rate(struct writer *writer, const char *name, enum miss_rate rate)
{
    double share = miss_rates_read(rate);
    writer_add(writer, name);
    if (share < 0) {
        writer_add(writer, miss_rates_are_wanted() ? "not available on this machine\n"
                                                   : "not available (HAKMEM_STATS=all or json counts it)\n");
        return;
    }
    add_percent(writer, share);
    writer_add(writer, "\n");
}

/* To measure it the thread needs a block, and a signal handler may not take one. */
static void add_lookup(struct writer *writer, const struct stats_record *record)
{
    writer_add(writer, "lookup_cycles: ");
    if (record->reason == STATS_ON_SIGNAL)
        writer_add(writer, "not available in a signal handler");
    else
        writer_add_decimal(writer, hak_stats_lookup_cycles(), 1);
    writer_add(writer, "\n");
}

static void add_class(struct writer *writer, const struct stats_all *all, unsigned class)
{
    struct hak_class_figures of = stats_class_figures(all, class);
    char pages[HAK_UNITS_TEXT];
    writer_add(writer, "class ");
    writer_add_number(writer, size_classes[class].size);
    writer_add(writer, ": ");
    writer_add_number(writer, of.allocated);
    writer_add(writer, " allocated, ");
    writer_add_number(writer, of.cached);
    writer_add(writer, " cached, ");
    writer_add_number(writer, of.free);
    writer_add(writer, " free, ");
    writer_add_number(writer, all->class[class].slabs);
    writer_add(writer, " x ");
    writer_add(writer, hak_units_format_size((uint64_t)size_classes[class].pages << PAGE_SHIFT, pages, sizeof pages));
    writer_add(writer, ", fragmentation ");
    add_percent(writer, hak_fragmentation(of.allocated_bytes, of.slab_bytes));
    writer_add(writer, "\n");
}

static void add_large(struct writer *writer, const struct stats_large *of, unsigned k)
{
    char most[HAK_UNITS_TEXT];
    writer_add(writer, "large to ");
    writer_add(writer, hak_units_format_size(stats_large_most(k), most, sizeof most));
    writer_add(writer, ": ");
    writer_add_number(writer, of->blocks);
    writer_add(writer, " allocated, ");
    writer_add_number(writer, of->mappings);
    writer_add(writer, " of them mappings, ");
    writer_add_size(writer, of->bytes);
    writer_add(writer, "\n");
}

static void add_classes(struct writer *writer, const struct stats_all *all)
{
    for (unsigned class = 0; class < size_class_count; class ++)
        if (all->class[class].slabs != 0)
            add_class(writer, all, class);
    for (unsigned k = 0; k < STATS_LARGE_CLASSES; k++)
        if (all->large[k].blocks != 0)
            add_large(writer, &all->large[k], k);
}

static void add_sizes(struct writer *writer, const struct hak_profile *profile)
{
    writer_add(writer, "profile size_classes.sizes: [");
    for (uint64_t i = 0; i < profile->size_classes_count; i++) {
        writer_add(writer, i == 0 ? "" : ", ");
        writer_add_number(writer, profile->size_classes_sizes[i]);
    }
    writer_add(writer, "]\n");
}

static void add_profile(struct writer *writer, const struct hak_profile *profile)
{
    for (size_t row = 0; row < hak_parameter_count; row++) {
        char value[HAK_PROFILE_NAME_MAX];
        if (hak_parameters[row].type == HAK_TYPE_SIZE_LIST)
            continue;
        hak_profile_value(hak_parameters[row].key, value, sizeof value);
        writer_add(writer, "profile ");
        add_text(writer, hak_parameters[row].key, value);
    }
    if (profile->size_classes_count != 0)
        add_sizes(writer, profile);
}

void stats_add_text(struct writer *writer, const struct stats_record *record)
{
    const struct hak_stats *total = &record->all.total;
    add_process(writer, record);
    for (size_t i = 0; i < stats_counter_count; i++)
        add_number(writer, stats_counters[i].name, stats_counter_value(total, i));
    add_fragmentation(writer, total);
    add_miss_rate(writer, "cache_miss_rate: ", MISS_RATE_CACHE);
    add_miss_rate(writer, "tlb_miss_rate: ", MISS_RATE_TLB);
    add_lookup(writer, record);
    add_classes(writer, &record->all);
    add_profile(writer, &hak_active_profile);
}
