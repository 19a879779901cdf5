/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is measured of a run: the names, units and directions of all figures, and a sample of them.
 *
 * One row of the table makes an objective's name, a limit, a report's line and a journal's key. A user's own metrics
 * come after the table's. Constant but for what the caller owns; any thread may call anything. Below: cli/output/units.
 */
#ifndef HAK_METRIC_METRIC_H
#define HAK_METRIC_METRIC_H

#include <stdbool.h>
#include <stddef.h>

/* Metrics of the user's own at most. */
#define METRIC_MOST_OWN 8

enum metric {
    METRIC_COST,        /* what the work costs, in seconds of one core: metric_cost_rate() times `time` */
    METRIC_TIME,        /* active seconds of the work */
    METRIC_CPU_TIME,    /* user and system seconds of the contender's own processes */
    METRIC_CORES,       /* mean number of processors in use, of the measured work of a built-in workload */
    METRIC_PEAK_MEMORY, /* bytes; of a server without its load, as all that are memory */
    /* bytes, mean over the active time of the measured work; not known of a run that is over before its first turn is
     */
    METRIC_MEAN_MEMORY,
    METRIC_IDLE_MEMORY, /* bytes of a server after its load and the idle time */
    METRIC_LAZY_MEMORY, /* bytes that were freed lazily (MADV_FREE) and are resident, mean; the others leave them out */
    /* nanoseconds of a call in hakmem-bench, the worse one of malloc with the first write and of free */
    METRIC_LATENCY_P50,
    METRIC_LATENCY_P99,
    METRIC_LATENCY_P999,
    METRIC_LATENCY_P9999,
    METRIC_MINOR_FAULTS, /* from exec on, of all that was waited for; so the three below */
    METRIC_MAJOR_FAULTS,
    METRIC_VOLUNTARY_SWITCHES,
    METRIC_INVOLUNTARY_SWITCHES,
    METRIC_INSTRUCTIONS, /* of user space, where the machine counts them; so the misses */
    METRIC_CACHE_MISSES,
    METRIC_TLB_MISSES,
    METRIC_OWN, /* the first of the user's */
    METRICS = METRIC_OWN + METRIC_MOST_OWN
};

/* No metric. */
#define METRIC_NONE METRICS

enum metric_unit { METRIC_SECONDS, METRIC_BYTES, METRIC_NANOSECONDS, METRIC_COUNT, METRIC_PLAIN };

struct metric_row {
    const char *name;  /* on the command line and in a journal's keys, where '-' is '_': "peak-memory" */
    const char *title; /* for people: "peak memory" */
    enum metric_unit unit;
    bool may_be_goal;        /* it can be an objective and can have a limit */
    const char *description; /* half a sentence */
};

/* How one figure is made of all that a run printed. */
enum metric_gather { METRIC_LAST, METRIC_SUM, METRIC_MEAN, METRIC_MAX };

/* A figure that the command, or the load, prints. */
struct metric_own {
    const char *name;
    const char *pattern; /* extended regular expression, whose first group is the number */
    bool more_is_better;
    enum metric_gather gather;
};

/* What is measured besides the table's own. Zeroed: nothing, at the usual price. */
struct metric_set {
    struct metric_own own[METRIC_MOST_OWN];
    size_t own_count;
    /* Each call of workloads of hakmem-bench that can time theirs is timed. That takes time in each call: times of such
     * a race say nothing of one without. */
    bool latency;
    double core_worth; /* bytes that cost what one core costs; 0: METRIC_CORE_WORTH */
};

/* 7.5 GiB: what clouds charge for a virtual core is what they charge for so much memory (custom machine types). */
#define METRIC_CORE_WORTH (7.5 * 1024 * 1024 * 1024)

/* Figures by metric; NAN: not known. */
struct metric_sample {
    double value[METRICS];
};

/* All not known. */
struct metric_sample metric_unknown(void);

/* The row of METRIC, one of the table's (below METRIC_OWN). */
const struct metric_row *metric_row(enum metric metric);

/* Of any metric of SET. */
const char *metric_name(const struct metric_set *set, enum metric metric);
const char *metric_title(const struct metric_set *set, enum metric metric);
enum metric_unit metric_unit(enum metric metric);
bool metric_more_is_better(const struct metric_set *set, enum metric metric);
/* Whether it is one of SET, and not a place that is not used. */
bool metric_exists(const struct metric_set *set, enum metric metric);

/* The metric called NAME, also by an old name ("throughput", "rss"); METRIC_NONE: there is none. */
enum metric metric_find(const struct metric_set *set, const char *name);

/* The gain of OWN over BASELINE: the logarithm of how many times it is better, so that more is always better. NAN where
 * one is not known or not above 0, but 0 for two zeros. */
double metric_gain(const struct metric_set *set, enum metric metric, double baseline, double own);

/* Cores, and memory counted in cores, that SAMPLE holds on average: its CPU seconds for each second, and its mean
 * memory by the price of SET. The peak counts where the mean is not known, and no memory where neither is. NAN: the CPU
 * time is not known. */
double metric_cost_rate(const struct metric_set *set, const struct metric_sample *sample);

/* SAMPLE with its cost filled in. */
struct metric_sample metric_with_cost(const struct metric_set *set, const struct metric_sample *sample);

/* All gains of a run over the baseline's run of the same race. TIME is the gain in time as the race found it. What the
 * work takes of the processors and costs in all is its time by what a second takes and costs, which a run that was cut
 * says as well, as its mean memory; the rest is known only where both ARE_WHOLE. */
struct metric_sample metric_gains(const struct metric_set *set, const struct metric_sample *baseline,
                                  const struct metric_sample *own, double time, bool are_whole);

/* Room for what metric_format() writes. */
#define METRIC_TEXT 48

/* VALUE in its unit, for people: "0.482 s", "31.5 MiB", "120 ns", "12,034"; "-" where it is not known. Returns TEXT. */
const char *metric_format(enum metric metric, double value, char *text, size_t size);

/* GAIN as the change in the figure itself, percent: a gain in time of log(1.25) is -20. */
double metric_change(const struct metric_set *set, enum metric metric, double gain);

#endif
