/* SPDX-License-Identifier: MIT */
/* The result as text and as JSON: the same lines, in the same order, from the same numbers.
 *
 * A number that is not known is null in JSON, with its reason beside it; it is never 0. */
#include "config.h"

#include "bench/result.h"

#include "bench/support.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* --- where lines go ----------------------------------------------------------------------------------------------- */

/* Either an object that is filled, or (NULL) stdout. */
struct sink {
    json_t *object;
};

#define TEXT_WIDTH "%-34s"

/* Of the list of workloads. */
#define LINE_WIDTH 80
#define LIST_BLANKS "    "
#define LIST_INDENT (sizeof LIST_BLANKS - 1)
#define LONGEST_PARAGRAPH 1024

static void put_json(struct sink *sink, const char *key, json_t *value)
{
    if (!value || json_object_set_new(sink->object, key, value) != 0)
        bench_die(BENCH_EXIT_FAILED, "out of memory while writing the result");
}

static void put_text(struct sink *sink, const char *key, const char *text, const char *value)
{
    if (sink->object)
        put_json(sink, key, json_string(value));
    else
        printf(TEXT_WIDTH "%s\n", text, value);
}

static void put_count(struct sink *sink, const char *key, const char *text, uint64_t value)
{
    if (sink->object)
        put_json(sink, key, json_integer((json_int_t)value));
    else
        printf(TEXT_WIDTH "%" PRIu64 "\n", text, value);
}

static void put_real(struct sink *sink, const char *key, const char *text, double value)
{
    if (sink->object)
        put_json(sink, key, json_real(value));
    else
        printf(TEXT_WIDTH "%.4g\n", text, value);
}

static void put_share(struct sink *sink, const char *key, const char *text, double value)
{
    if (sink->object)
        put_json(sink, key, json_real(value));
    else
        printf(TEXT_WIDTH "%.2f %%\n", text, 100 * value);
}

/* Bytes, for people in MiB as well. */
static void put_bytes(struct sink *sink, const char *key, const char *text, uint64_t value)
{
    if (sink->object)
        put_json(sink, key, json_integer((json_int_t)value));
    else
        printf(TEXT_WIDTH "%" PRIu64 " (%.1f MiB)\n", text, value, (double)value / (1 << 20));
}

/* A number that is not known. The reason goes to KEY_reason. */
static void put_unknown(struct sink *sink, const char *key, const char *text, const char *reason)
{
    if (sink->object) {
        char reason_key[64];
        snprintf(reason_key, sizeof(reason_key), "%s_reason", key);
        put_json(sink, key, json_null());
        put_json(sink, reason_key, json_string(reason));
    } else {
        printf(TEXT_WIDTH "%s\n", text, reason);
    }
}

/* --- the parts of a result ---------------------------------------------------------------------------------------- */

static void put_processors(struct sink *sink, const struct bench_plan *plan, const struct bench_processors *processors)
{
    if (sink->object) {
        json_t *list = json_array();
        for (unsigned index = 0; index < plan->threads && processors->count > 0; index++)
            json_array_append_new(list, json_integer(processors->number[index % processors->count]));
        put_json(sink, "processors", list);
        return;
    }
    printf(TEXT_WIDTH, "processors");
    for (unsigned index = 0; index < plan->threads && processors->count > 0; index++)
        printf("%s%u", index ? "," : "", processors->number[index % processors->count]);
    putchar('\n');
}

static void put_plan(struct sink *sink, const struct bench_plan *plan, const struct bench_processors *processors)
{
    put_text(sink, "workload", "workload", plan->name);
    put_text(sink, "allocator", "allocator", allocator_file());
    put_text(sink, "operation", "one operation is", plan->workload->operation);
    put_count(sink, "threads", "threads", plan->threads);
    put_processors(sink, plan, processors);
    put_count(sink, "seed", "seed", plan->seed);
    put_count(sink, "warmup_per_thread", "warm-up operations per thread", plan->warmup);
    put_count(sink, "operations_per_thread", "operations per thread", plan->operations);
}

static void put_speed(struct sink *sink, const struct bench_plan *plan, const struct bench_measurement *measurement)
{
    put_count(sink, "operations", "operations", measurement->operations);
    put_real(sink, "seconds", "seconds", measurement->seconds);
    put_text(sink, "clock", "  which are",
             measurement->clock == BENCH_CLOCK_PROCESSOR ? "processor time of the one thread"
                                                         : "time for which the process was not stopped");
    if (plan->latency)
        put_unknown(sink, "million_operations_per_second", "million operations per second",
                    "not known: each call was timed (--latency)");
    else
        put_real(sink, "million_operations_per_second", "million operations per second",
                 measurement->seconds > 0 ? (double)measurement->operations / measurement->seconds / 1e6 : 0);
    for (size_t index = 0; index < measurement->figure_count; index++)
        put_real(sink, measurement->figures[index].name, measurement->figures[index].text,
                 measurement->figures[index].value);
}

/* Times of one kind of call: an object of their own, or two lines for people. */
static void put_call(struct sink *sink, const char *key, const char *text, const struct latency_figures *figures)
{
    char line[64];
    if (!figures->calls) {
        snprintf(line, sizeof(line), "%s, ns", text);
        put_unknown(sink, key, line, "not measured: there was no such call");
    } else if (sink->object) {
        struct sink inner = {json_object()};
        const struct {
            const char *key;
            double value;
        } members[] = {
            {"p50_ns", figures->p50_ns},
            {"p99_ns", figures->p99_ns},
            {"p99_9_ns", figures->p99_9_ns},
            {"p99_99_ns", figures->p99_99_ns},
            {"maximum_ns", figures->maximum_ns},
            {"interruptions", figures->interruptions},
            {"undisturbed_p99_9_ns", figures->undisturbed_p99_9_ns},
            {"undisturbed_p99_99_ns", figures->undisturbed_p99_99_ns},
        };
        put_json(&inner, "calls", json_integer((json_int_t)figures->calls));
        for (size_t index = 0; index < sizeof(members) / sizeof(members[0]); index++)
            put_json(&inner, members[index].key, json_real(members[index].value));
        put_json(sink, key, inner.object);
    } else {
        snprintf(line, sizeof(line), "%s, ns", text);
        printf(TEXT_WIDTH "p50 %.0f, p99 %.0f, p99.9 %.0f, p99.99 %.0f, maximum %.0f\n", line, figures->p50_ns,
               figures->p99_ns, figures->p99_9_ns, figures->p99_99_ns, figures->maximum_ns);
        snprintf(line, sizeof(line), "  of %" PRIu64 " calls", figures->calls);
        printf(TEXT_WIDTH "%.0f interrupted, without which p99.9 is %.0f, p99.99 %.0f\n", line, figures->interruptions,
               figures->undisturbed_p99_9_ns, figures->undisturbed_p99_99_ns);
    }
}

static void put_latency(struct sink *sink, const struct latency_report *latency)
{
    struct sink inner = {sink->object ? json_object() : NULL};
    put_text(&inner, "timer", "calls were timed by", TICKS_SOURCE);
    put_real(&inner, "resolution_ns", "  which tells apart, ns", latency->resolution_ns);
    put_real(&inner, "timer_cost_ns", "  and takes, ns (taken off)", latency->timer_cost_ns);
    put_call(&inner, "malloc", "malloc", &latency->figures[LATENCY_MALLOC]);
    put_call(&inner, "malloc_and_write", "malloc and first write", &latency->figures[LATENCY_MALLOC_AND_WRITE]);
    put_call(&inner, "free", "free", &latency->figures[LATENCY_FREE]);
    if (sink->object)
        put_json(sink, "latency", inner.object);
}

static void put_memory(struct sink *sink, const struct bench_measurement *measurement)
{
    bool own_account = measurement->allocator.has_statistics && measurement->allocator.stats.resident_bytes > 0;
    uint64_t heap = own_account ? measurement->allocator.stats.resident_bytes : measurement->grown_resident_bytes;
    if (measurement->peak_resident_bytes)
        put_bytes(sink, "peak_resident_bytes", "peak resident bytes", measurement->peak_resident_bytes);
    else
        put_unknown(sink, "peak_resident_bytes", "peak resident bytes",
                    "not available: /proc/self/status cannot be read");
    put_bytes(sink, "live_requested_bytes", "live bytes, as requested", measurement->live_requested_bytes);
    put_bytes(sink, "heap_resident_bytes", "resident bytes of the heap", heap);
    put_text(sink, "heap_resident_source", "  which is",
             own_account ? "the allocator's own account"
                         : "the process's resident memory less that before the first block");
    if (measurement->live_requested_bytes == 0)
        put_unknown(sink, "fragmentation", "fragmentation",
                    "not defined: no block is live at the end of this workload");
    else if (heap == 0)
        put_unknown(sink, "fragmentation", "fragmentation",
                    "not available: the resident memory of the heap is not known");
    else
        put_share(sink, "fragmentation", "fragmentation", 1 - (double)measurement->live_requested_bytes / (double)heap);
}

static void put_rates(struct sink *sink, const struct bench_measurement *measurement)
{
    for (int index = 0; index < BENCH_RATES; index++) {
        const struct bench_counter_rate *rate = &measurement->rates[index];
        char reason[sizeof(rate->reason) + 64];
        snprintf(reason, sizeof(reason), "not available on this machine: %s", rate->reason);
        if (rate->reason[0])
            put_unknown(sink, rate->name, rate->text, reason);
        else
            put_share(sink, rate->name, rate->text, rate->value);
    }
}

static void put_lookup_latency(struct sink *sink)
{
    double cycles = allocator_lookup_cycles();
    if (cycles > 0)
        put_real(sink, "lookup_cycles", "page-map lookup, cycles", cycles);
    else
        put_unknown(sink, "lookup_cycles", "page-map lookup, cycles",
                    "not available: this allocator does not offer it");
}

static void put_statistics(struct sink *sink, const struct hak_stats *stats)
{
    static const struct {
        const char *key, *text;
        size_t offset;
    } rows[] = {
#define ROW(field, text) {#field, text, offsetof(struct hak_stats, field)}
        ROW(superslabs, "SuperSlabs now"),
        ROW(peak_superslabs, "SuperSlabs at the peak"),
        ROW(superslabs_mapped, "SuperSlabs mapped so far"),
        ROW(superslabs_unmapped, "SuperSlabs given back so far"),
        ROW(slabs, "slabs in use"),
        ROW(live_blocks, "live blocks"),
        ROW(live_bytes, "live bytes, as usable"),
        ROW(cached_bytes, "bytes in thread caches"),
        ROW(mapped_bytes, "mapped bytes"),
        ROW(peak_mapped_bytes, "mapped bytes at the peak"),
        ROW(metadata_bytes, "metadata bytes"),
        ROW(large_blocks, "large blocks"),
        ROW(heaps, "heaps"),
        ROW(heaps_idle, "heaps without a thread"),
        ROW(pool_failures, "shared-pool failures"),
        ROW(cache_corruptions, "thread-cache corruptions"),
        ROW(refills, "refills"),
        ROW(refilled_objects, "objects refilled"),
        ROW(drains, "drains"),
        ROW(drained_objects, "objects drained"),
        ROW(objects_borrowed, "objects borrowed"),
        ROW(remote_flushes, "remote flushes"),
        ROW(remote_objects, "objects flushed"),
        ROW(slabs_adopted, "slabs adopted"),
        ROW(purges, "purges"),
        ROW(purged_bytes, "bytes purged"),
        ROW(huge_page_requests, "huge pages asked for"),
        ROW(huge_page_refusals, "huge pages refused"),
        ROW(guard_refusals, "guard pages refused"),
#undef ROW
    };
    for (size_t index = 0; index < sizeof(rows) / sizeof(rows[0]); index++) {
        uint64_t value;
        memcpy(&value, (const char *)stats + rows[index].offset, sizeof(value));
        put_count(sink, rows[index].key, rows[index].text, value);
    }
}

static void put_allocator(struct sink *sink, const struct bench_measurement *measurement)
{
    if (!measurement->allocator.has_statistics) {
        put_unknown(sink, "statistics", "the allocator's statistics",
                    "not available: this allocator has no hak_stats_get");
    } else if (sink->object) {
        struct sink inner = {json_object()};
        put_statistics(&inner, &measurement->allocator.stats);
        put_json(sink, "statistics", inner.object);
    } else {
        put_statistics(sink, &measurement->allocator.stats);
    }
}

static void put_all(struct sink *sink, const struct bench_plan *plan, const struct bench_processors *processors,
                    const struct bench_measurement *measurement)
{
    put_plan(sink, plan, processors);
    put_speed(sink, plan, measurement);
    if (plan->latency)
        put_latency(sink, &measurement->latency);
    put_memory(sink, measurement);
    put_rates(sink, measurement);
    put_lookup_latency(sink);
    put_allocator(sink, measurement);
}

/* --- printing ----------------------------------------------------------------------------------------------------- */

void result_print_text(const struct bench_plan *plan, const struct bench_processors *processors,
                       const struct bench_measurement *measurement)
{
    struct sink sink = {NULL};
    put_all(&sink, plan, processors, measurement);
    result_flush();
}

static void dump(json_t *document)
{
    if (json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(10)) != 0 || putchar('\n') == EOF)
        bench_die(BENCH_EXIT_FAILED, "cannot write the result: %s", strerror(errno));
    json_decref(document);
    result_flush();
}

void result_print_json(const struct bench_plan *plan, const struct bench_processors *processors,
                       const struct bench_measurement *measurement)
{
    struct sink sink = {json_object()};
    put_all(&sink, plan, processors, measurement);
    dump(sink.object);
}

/* A paragraph, broken at blanks. */
static void __attribute__((format(printf, 1, 2))) print_paragraph(const char *format, ...)
{
    char text[LONGEST_PARAGRAPH];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t column = 0;
    char *rest = text;
    for (const char *word = strsep(&rest, " "); word; word = strsep(&rest, " ")) {
        bool fits = column > 0 && column + 1 + strlen(word) <= LINE_WIDTH;
        column = fits ? column + 1 + strlen(word) : LIST_INDENT + strlen(word);
        printf("%s%s%s", word == text || fits ? "" : "\n", fits ? " " : LIST_BLANKS, word);
    }
    putchar('\n');
}

void result_list_text(void)
{
    for (const struct workload *const *entry = workloads; *entry; entry++) {
        const struct workload *workload = *entry;
        printf("%s\n", workload->name);
        print_paragraph("%s.", workload->what);
        print_paragraph("An operation is %s. After: %s.", workload->operation, workload->source);
        if (workload->maximum_parameter)
            print_paragraph("N is %" PRIu64 " to %" PRIu64 ".", workload->minimum_parameter,
                            workload->maximum_parameter);
    }
    result_flush();
}

void result_list_json(void)
{
    json_t *list = json_array();
    for (const struct workload *const *entry = workloads; *entry; entry++) {
        const struct workload *workload = *entry;
        struct sink sink = {json_object()};
        put_json(&sink, "name", json_string(workload->name));
        put_json(&sink, "what", json_string(workload->what));
        put_json(&sink, "operation", json_string(workload->operation));
        put_json(&sink, "source", json_string(workload->source));
        if (workload->maximum_parameter) {
            put_json(&sink, "minimum", json_integer((json_int_t)workload->minimum_parameter));
            put_json(&sink, "maximum", json_integer((json_int_t)workload->maximum_parameter));
        }
        json_array_append_new(list, sink.object);
    }
    dump(list);
}

void result_flush(void)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        bench_die(BENCH_EXIT_FAILED, "cannot write the result: %s", strerror(errno));
}
