/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See sample.h. */
#include "config.h"

#include "cli/race/sample.h"

#include "cli/race/runner.h"
#include "cli/race/tree_usage.h"

#include <math.h>

/* Of a program that is smaller than the copy of this process which it was, the kernel keeps no peak: it is what was
 * seen, if that was not long before the end. */
#define SEEN_UNTIL_NEARLY_THE_END 0.9

static uint64_t larger(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

static uint64_t less(uint64_t value, uint64_t off)
{
    return value > off ? value - off : 0;
}

/* Bytes; 0: not known. A workload's own account leaves out what it does after its measured work. The peaks that the
 * kernel keeps are of one process each, and hold what was freed lazily. */
static uint64_t peak_memory(const struct runner *runner)
{
    const struct group_member *own = &runner->group.members[GROUP_MAIN];
    const struct memory_watch *memory = &runner->memory;
    uint64_t account = own->child.progress ? atomic_load(&own->child.progress->peak_resident_bytes) : 0;
    if (account)
        return less(account, memory->lazy_peak);
    bool is_told = own->child.max_resident > 0;
    if (!is_told && (double)memory->seen_ns < SEEN_UNTIL_NEARLY_THE_END * (double)runner->active_ns)
        return 0;
    uint64_t single = larger(larger(own->child.max_resident, own->tree.max_resident), runner->single_peak);
    return larger(memory->peak, less(single, memory->lazy_peak));
}

static void fill_memory(const struct runner *runner, double *value)
{
    const struct memory_watch *memory = &runner->memory;
    uint64_t peak = peak_memory(runner);
    value[METRIC_PEAK_MEMORY] = peak ? (double)peak : NAN;
    value[METRIC_IDLE_MEMORY] = runner->idle_resident ? (double)runner->idle_resident : NAN;
    if (memory->measured_ns == 0)
        return;
    value[METRIC_MEAN_MEMORY] = memory->byte_ns / (double)memory->measured_ns;
    value[METRIC_LAZY_MEMORY] = memory->lazy_byte_ns / (double)memory->measured_ns;
}

/* What all that has ended used; not the copy of this process that the program was, before its exec. */
static struct process_usage whole_life(const struct group_member *own)
{
    const struct process_usage *first = &own->child.usage, *orphans = &own->tree.usage;
    const struct process_usage all = {
        .cpu_ns = first->cpu_ns + orphans->cpu_ns,
        .minor_faults = first->minor_faults + orphans->minor_faults,
        .major_faults = first->major_faults + orphans->major_faults,
        .voluntary_switches = first->voluntary_switches + orphans->voluntary_switches,
        .involuntary_switches = first->involuntary_switches + orphans->involuntary_switches,
    };
    return tree_usage_between(&own->child.before, &all);
}

static void fill_usage(const struct runner *runner, const struct process_usage *usage, double *value)
{
    value[METRIC_MINOR_FAULTS] = (double)usage->minor_faults;
    value[METRIC_MAJOR_FAULTS] = (double)usage->major_faults;
    value[METRIC_VOLUNTARY_SWITCHES] = (double)less(usage->voluntary_switches, runner->stop_switches);
    value[METRIC_INVOLUNTARY_SWITCHES] = (double)usage->involuntary_switches;
}

static void fill_counters(const struct runner *runner, double *value)
{
    static const enum metric metric_of[COUNTERS] = {
        [COUNTER_INSTRUCTIONS] = METRIC_INSTRUCTIONS,
        [COUNTER_CACHE_MISSES] = METRIC_CACHE_MISSES,
        [COUNTER_TLB_MISSES] = METRIC_TLB_MISSES,
    };
    for (enum counter counter = 0; counter < COUNTERS; counter++)
        value[metric_of[counter]] =
            runner->by_work.known ? runner->by_work.counted[counter] : counters_read(&runner->counters, counter);
}

static void fill_latency(const struct bench_progress *page, double *value)
{
    static const enum metric metric_of[BENCH_LATENCIES] = {
        [BENCH_LATENCY_P50] = METRIC_LATENCY_P50,
        [BENCH_LATENCY_P99] = METRIC_LATENCY_P99,
        [BENCH_LATENCY_P999] = METRIC_LATENCY_P999,
        [BENCH_LATENCY_P9999] = METRIC_LATENCY_P9999,
    };
    if (!page || !atomic_load_explicit(&page->latency_known, memory_order_acquire))
        return;
    for (int i = 0; i < BENCH_LATENCIES; i++)
        value[metric_of[i]] = page->latency_ns[i];
}

/* The time of a workload of one thread is that thread's processor time: it had one processor, whatever it waited for.
 */
static double cores(const struct runner *runner, const struct bench_progress *page)
{
    const struct runner_processor *begin = &runner->work_begin, *end = &runner->work_end;
    if (!page || blocks_milestones(page) == 0)
        return NAN;
    if (atomic_load(&page->clock) == BENCH_CLOCK_PROCESSOR)
        return 1;
    if (end->active_ns <= begin->active_ns)
        return NAN;
    return (double)(end->cpu_ns - begin->cpu_ns) / (double)(end->active_ns - begin->active_ns);
}

void sample_fill(struct runner *runner)
{
    const struct group_member *own = &runner->group.members[GROUP_MAIN];
    struct race_result *result = runner->result;
    const struct process_usage usage = runner->by_work.known ? runner->by_work.usage : whole_life(own);
    result->sample = metric_unknown();
    result->sample.value[METRIC_TIME] = (double)runner->active_ns / 1e9;
    result->sample.value[METRIC_CPU_TIME] = (double)usage.cpu_ns / 1e9;
    result->sample.value[METRIC_CORES] = cores(runner, own->child.progress);
    fill_memory(runner, result->sample.value);
    fill_counters(runner, result->sample.value);
    fill_latency(own->child.progress, result->sample.value);
    for (size_t i = 0; i < runner->output.figures; i++)
        result->sample.value[METRIC_OWN + i] = output_watch_value(&runner->output, i);
    if (own->child.is_waited_for)
        fill_usage(runner, &usage, result->sample.value);
}
