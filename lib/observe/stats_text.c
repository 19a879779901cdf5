/* SPDX-License-Identifier: MIT */
/* Statistics and the profile in force as text, one "name: value" a line. With HAKMEM_STATS=1 they are printed when the
 * program ends. Nothing here allocates, so that it can run after everything else. Below: stats, the profile. */
#include "lib/base/report.h"
#include "lib/base/sanitizer.h"
#include "lib/observe/miss_rates.h"
#include "lib/observe/stats.h"
#include "lib/profile/active.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool print_at_exit; /* HAKMEM_STATS=1; written before main */

/* Room for all lines: about 80 of at most 100 bytes. */
#define TEXT_BYTES 16384

struct text {
    size_t length;
    char bytes[TEXT_BYTES];
};

static __attribute__((format(printf, 2, 3))) void add_line(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int added = vsnprintf(text->bytes + text->length, sizeof text->bytes - text->length, format, arguments);
    va_end(arguments);
    if (added > 0)
        text->length = size_minimum(text->length + (size_t)added, sizeof text->bytes - 1);
}

/* Every counter by its name in struct hak_stats, so that text and structure cannot drift apart. The names lie in the
 * table: pointers to them would be relocated at each start, into memory of the process. */
#define COUNTER(field)                            \
    {                                             \
#field, offsetof(struct hak_stats, field) \
    }
static const struct {
    char name[32];
    size_t offset;
} counters[] = {
    COUNTER(live_bytes),
    COUNTER(live_blocks),
    COUNTER(cached_bytes),
    COUNTER(mapped_bytes),
    COUNTER(peak_mapped_bytes),
    COUNTER(resident_bytes),
    COUNTER(metadata_bytes),
    COUNTER(large_cached_bytes),
    COUNTER(superslabs),
    COUNTER(peak_superslabs),
    COUNTER(superslabs_mapped),
    COUNTER(superslabs_unmapped),
    COUNTER(slabs),
    COUNTER(heaps),
    COUNTER(heaps_idle),
    COUNTER(large_blocks),
    COUNTER(refills),
    COUNTER(drains),
    COUNTER(refilled_objects),
    COUNTER(drained_objects),
    COUNTER(remote_flushes),
    COUNTER(remote_objects),
    COUNTER(slabs_adopted),
    COUNTER(purges),
    COUNTER(purged_bytes),
    COUNTER(zero_fills_spared),
    COUNTER(pool_failures),
    COUNTER(cache_corruptions),
    COUNTER(huge_page_requests),
    COUNTER(huge_page_refusals),
    COUNTER(prefaulted_bytes),
    COUNTER(heaps_kept),
    COUNTER(objects_borrowed),
};

static void add_miss_rate(struct text *text, const char *name, enum miss_rate rate)
{
    double share = miss_rates_read(rate);
    if (share >= 0)
        add_line(text, "%s: %.2f %%\n", name, 100.0 * share);
    else
        add_line(text, "%s: not available %s\n", name, print_at_exit ? "on this machine" : "without HAKMEM_STATS=1");
}

static void add_counters(struct text *text, const struct hak_stats *stats)
{
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        uint64_t value;
        memcpy(&value, (const char *)stats + counters[i].offset, sizeof value);
        add_line(text, "%s: %" PRIu64 "\n", counters[i].name, value);
    }
    /* 1 - live / resident, by usable sizes; hakmem-bench knows what was asked for and prints the stricter figure. */
    if (stats->resident_bytes != 0 && stats->live_bytes <= stats->resident_bytes)
        add_line(text, "fragmentation: %.1f %%\n",
                 100.0 * (1.0 - (double)stats->live_bytes / (double)stats->resident_bytes));
    else
        add_line(text, "fragmentation: not available (less is resident than in use)\n");
    add_miss_rate(text, "cache_miss_rate", MISS_RATE_CACHE);
    add_miss_rate(text, "tlb_miss_rate", MISS_RATE_TLB);
}

static void add_sizes(struct text *text, const struct hak_profile *profile)
{
    add_line(text, "profile size_classes.sizes: [");
    for (uint64_t i = 0; i < profile->size_classes_count; i++)
        add_line(text, "%s%" PRIu32, i == 0 ? "" : ", ", profile->size_classes_sizes[i]);
    add_line(text, "]\n");
}

static void add_profile(struct text *text, const struct hak_profile *profile)
{
    for (size_t row = 0; row < hak_parameter_count; row++) {
        char value[HAK_PROFILE_NAME_MAX];
        if (hak_parameters[row].type == HAK_TYPE_SIZE_LIST)
            continue;
        hak_profile_value(hak_parameters[row].key, value, sizeof value);
        add_line(text, "profile %s: %s\n", hak_parameters[row].key, value);
    }
    if (profile->size_classes_count != 0)
        add_sizes(text, profile);
}

HAK_EXPORT COLD int hak_profile_value(const char *key, char *value, size_t size)
{
    const struct hak_parameter *row = hak_parameter_find(key);
    if (row == NULL || row->type == HAK_TYPE_SIZE_LIST) {
        errno = EINVAL;
        return -1;
    }
    char whole[128];
    if (row->type == HAK_TYPE_NAME)
        snprintf(whole, sizeof whole, "%s", hak_active_profile.name);
    else
        hak_parameter_format(row, hak_parameter_get(row, &hak_active_profile), whole, sizeof whole);
    size_t length = strlen(whole);
    if (length >= size) {
        errno = ERANGE;
        return -1;
    }
    memcpy(value, whole, length + 1);
    return (int)length;
}

static void add_all(struct text *text)
{
    struct hak_stats stats;
    hak_stats_get(&stats, sizeof stats);
    add_line(text, "hakmem: statistics\n");
    add_counters(text, &stats);
    add_line(text, "lookup_cycles: %.1f\n", hak_stats_lookup_cycles());
    add_profile(text, &hak_active_profile);
}

/* No cancellation point, though counters are read from files and the text is written. */
HAK_EXPORT COLD void hak_stats_print(int descriptor)
{
    struct text text;
    int cancel;
    text.length = 0;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    add_all(&text);
    report_text(descriptor, text.bytes, text.length);
    pthread_setcancelstate(cancel, &cancel);
}

__attribute__((constructor(102))) static void read_environment(void)
{
    const char *value = secure_getenv("HAKMEM_STATS");
    print_at_exit = value != NULL && value[0] == '1' && value[1] == '\0'; /* strcmp is a sanitizer's, if there is one */
    if (print_at_exit)
        miss_rates_open();
}

__attribute__((destructor)) void stats_print_at_exit(void)
{
    if (!print_at_exit)
        return;
    if (sanitizer_allocates())
        report_line("no statistics: a sanitizer's runtime allocates in this process, and libhakmem has stepped aside");
    else if (report_has_standard_error())
        hak_stats_print(STDERR_FILENO);
}
