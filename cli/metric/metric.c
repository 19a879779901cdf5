/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See metric.h. */
#include "config.h"

#include "cli/metric/metric.h"

#include "cli/output/units.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct metric_row rows[METRIC_OWN] = {
    [METRIC_COST] = {"cost", "cost", METRIC_SECONDS, true, "CPU time, and mean memory at the price of --core-worth"},
    [METRIC_TIME] = {"time", "time", METRIC_SECONDS, true, "for the same work"},
    [METRIC_CPU_TIME] = {"cpu-time", "CPU time", METRIC_SECONDS, true, "user and system time of all processes"},
    [METRIC_CORES] = {"cores", "cores in use", METRIC_PLAIN, false,
                      "processors in use during a built-in workload's measured work"},
    [METRIC_PEAK_MEMORY] = {"peak-memory", "peak memory", METRIC_BYTES, true,
                            "the most that all processes together have resident"},
    [METRIC_MEAN_MEMORY] = {"mean-memory", "mean memory", METRIC_BYTES, true,
                            "what they have on average while they run"},
    [METRIC_IDLE_MEMORY] = {"idle-memory", "idle memory", METRIC_BYTES, true,
                            "what a server has after its load and --idle"},
    [METRIC_LAZY_MEMORY] = {"lazy-memory", "lazily freed", METRIC_BYTES, false,
                            "freed lazily and not yet taken by the kernel, on average; in no other figure"},
    [METRIC_LATENCY_P50] = {"latency-p50", "latency, median", METRIC_NANOSECONDS, true,
                            "of malloc, or of free if worse, in hakmem-bench"},
    [METRIC_LATENCY_P99] = {"latency-p99", "latency, 99 %", METRIC_NANOSECONDS, true,
                            "of malloc, or of free if worse, in hakmem-bench"},
    [METRIC_LATENCY_P999] = {"latency-p99.9", "latency, 99.9 %", METRIC_NANOSECONDS, true,
                             "of malloc, or of free if worse, in hakmem-bench"},
    [METRIC_LATENCY_P9999] = {"latency-p99.99", "latency, 99.99 %", METRIC_NANOSECONDS, true,
                              "of malloc, or of free if worse, in hakmem-bench"},
    [METRIC_MINOR_FAULTS] = {"minor-faults", "minor faults", METRIC_COUNT, true, "pages that the kernel gave"},
    [METRIC_MAJOR_FAULTS] = {"major-faults", "major faults", METRIC_COUNT, false, "pages that came from a disk"},
    [METRIC_VOLUNTARY_SWITCHES] =
        {"voluntary-switches", "voluntary switches", METRIC_COUNT, false,
         "times that a thread gave its processor up; of stops, those alone that struck it asleep"},
    [METRIC_INVOLUNTARY_SWITCHES] = {"involuntary-switches", "involuntary switches", METRIC_COUNT, false,
                                     "times that one lost it"},
    [METRIC_INSTRUCTIONS] = {"instructions", "instructions", METRIC_COUNT, true,
                             "of user space, where the machine counts them"},
    [METRIC_CACHE_MISSES] = {"cache-misses", "cache misses", METRIC_COUNT, true, "of the last level, likewise"},
    [METRIC_TLB_MISSES] = {"tlb-misses", "TLB misses", METRIC_COUNT, true, "of data, likewise"},
};

/* Names that earlier versions had. */
static const struct {
    const char *name;
    enum metric metric;
} old_names[] = {{"throughput", METRIC_TIME}, {"rss", METRIC_PEAK_MEMORY}};

struct metric_sample metric_unknown(void)
{
    struct metric_sample sample;
    for (size_t i = 0; i < METRICS; i++)
        sample.value[i] = NAN;
    return sample;
}

const struct metric_row *metric_row(enum metric metric)
{
    return &rows[metric];
}

const char *metric_name(const struct metric_set *set, enum metric metric)
{
    return metric < METRIC_OWN ? rows[metric].name : set->own[metric - METRIC_OWN].name;
}

const char *metric_title(const struct metric_set *set, enum metric metric)
{
    return metric < METRIC_OWN ? rows[metric].title : set->own[metric - METRIC_OWN].name;
}

enum metric_unit metric_unit(enum metric metric)
{
    return metric < METRIC_OWN ? rows[metric].unit : METRIC_PLAIN;
}

bool metric_more_is_better(const struct metric_set *set, enum metric metric)
{
    return metric >= METRIC_OWN && set->own[metric - METRIC_OWN].more_is_better;
}

bool metric_exists(const struct metric_set *set, enum metric metric)
{
    return metric < METRIC_OWN || metric < METRIC_OWN + set->own_count;
}

enum metric metric_find(const struct metric_set *set, const char *name)
{
    for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric); metric++)
        if (strcmp(metric_name(set, metric), name) == 0)
            return metric;
    for (size_t i = 0; i < sizeof old_names / sizeof *old_names; i++)
        if (strcmp(old_names[i].name, name) == 0)
            return old_names[i].metric;
    return METRIC_NONE;
}

double metric_gain(const struct metric_set *set, enum metric metric, double baseline, double own)
{
    if (baseline == 0 && own == 0)
        return 0;
    if (!(baseline > 0) || !(own > 0))
        return NAN;
    return metric_more_is_better(set, metric) ? log(own / baseline) : log(baseline / own);
}

/* Processors in use on average. Of the measured work, where it is told apart from the rest of the run. */
static double cores(const struct metric_sample *sample)
{
    double measured = sample->value[METRIC_CORES];
    return isnan(measured) ? sample->value[METRIC_CPU_TIME] / sample->value[METRIC_TIME] : measured;
}

static double memory(const struct metric_sample *sample)
{
    double mean = sample->value[METRIC_MEAN_MEMORY];
    return isnan(mean) ? sample->value[METRIC_PEAK_MEMORY] : mean;
}

static double memory_in_cores(const struct metric_set *set, const struct metric_sample *sample)
{
    return memory(sample) / (set->core_worth > 0 ? set->core_worth : METRIC_CORE_WORTH);
}

double metric_cost_rate(const struct metric_set *set, const struct metric_sample *sample)
{
    double held = memory_in_cores(set, sample);
    return cores(sample) + (isnan(held) ? 0 : held);
}

/* The gain in metric_cost_rate(); in the cores alone where the memory of one of the two is not known. */
static double cost_rate_gain(const struct metric_set *set, const struct metric_sample *baseline,
                             const struct metric_sample *own)
{
    if (isnan(memory(baseline)) || isnan(memory(own)))
        return metric_gain(set, METRIC_COST, cores(baseline), cores(own));
    return metric_gain(set, METRIC_COST, metric_cost_rate(set, baseline), metric_cost_rate(set, own));
}

struct metric_sample metric_with_cost(const struct metric_set *set, const struct metric_sample *sample)
{
    struct metric_sample whole = *sample;
    whole.value[METRIC_COST] = metric_cost_rate(set, sample) * sample->value[METRIC_TIME];
    return whole;
}

/* Means over time: a run that was cut has them as well. */
static bool is_known_of_part(enum metric metric)
{
    return metric == METRIC_MEAN_MEMORY || metric == METRIC_LAZY_MEMORY || metric == METRIC_CORES;
}

struct metric_sample metric_gains(const struct metric_set *set, const struct metric_sample *baseline,
                                  const struct metric_sample *own, double time, bool are_whole)
{
    struct metric_sample gains = metric_unknown();
    for (enum metric metric = 0; metric < METRICS; metric++)
        if (are_whole || is_known_of_part(metric))
            gains.value[metric] = metric_gain(set, metric, baseline->value[metric], own->value[metric]);
    gains.value[METRIC_TIME] = time;
    gains.value[METRIC_CPU_TIME] = time + metric_gain(set, METRIC_CPU_TIME, cores(baseline), cores(own));
    gains.value[METRIC_COST] = time + cost_rate_gain(set, baseline, own);
    return gains;
}

/* 12034 as "12,034". */
static void format_count(double value, char *text, size_t size)
{
    char digits[METRIC_TEXT];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%.0f", value), used = 0;
    for (size_t i = 0; i < length && used + 2 < size; i++) {
        text[used++] = digits[i];
        if (i + 1 < length && (length - 1 - i) % 3 == 0 && used + 2 < size)
            text[used++] = ',';
    }
    text[used] = '\0';
}

static void format_seconds(double seconds, char *text, size_t size)
{
    if (seconds < 0.001)
        snprintf(text, size, "%.3g us", seconds * 1e6);
    else if (seconds < 1)
        snprintf(text, size, "%.3g ms", seconds * 1e3);
    else
        snprintf(text, size, seconds < 1000 ? "%.3g s" : "%.0f s", seconds);
}

const char *metric_format(enum metric metric, double value, char *text, size_t size)
{
    if (!isfinite(value)) {
        snprintf(text, size, "-");
        return text;
    }
    switch (metric_unit(metric)) {
    case METRIC_SECONDS:
        format_seconds(value, text, size);
        break;
    case METRIC_BYTES:
        units_size((uint64_t)value, text, size);
        break;
    case METRIC_NANOSECONDS:
        snprintf(text, size, "%.0f ns", value);
        break;
    case METRIC_COUNT:
        format_count(value, text, size);
        break;
    case METRIC_PLAIN:
        snprintf(text, size, "%.6g", value);
        break;
    }
    return text;
}

double metric_change(const struct metric_set *set, enum metric metric, double gain)
{
    return 100 * expm1(metric_more_is_better(set, metric) ? gain : -gain) + 0.0; /* no change is no "-0.0" */
}
