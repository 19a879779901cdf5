/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares contenders on one piece of work: races of all of them, each on another seed, until the budget is used.
 *
 * A race gives each contender one figure against the baseline (contender 0), over the same work in the same
 * milliseconds; races are independent, so the interval comes from their spread. Main thread only, as the races. Below
 * this file: handover, cli/race, cli/statistics. */
#ifndef HAK_COMPARE_COMPARISON_H
#define HAK_COMPARE_COMPARISON_H

#include "cli/compare/alone.h"
#include "cli/compare/contender.h"
#include "cli/machine/clock.h"
#include "cli/race/race.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct comparison;

struct comparison_request {
    const char *name;                   /* of the work, for people */
    const struct contender *contenders; /* [0] is the baseline */
    size_t count;                       /* at least 2, at most RACE_MAX_CONTENDERS */
    struct workload work;
    enum race_interleave interleave;
    enum metric metric;               /* that verdicts are about */
    const struct metric_set *metrics; /* besides the table's */
    double budget_s;                  /* seconds for all races; 0: no limit */
    double round_seconds; /* of a round at most, where the work can be made to fit; 0: as the budget has room for */
    double latest;        /* seconds of the clock at which a race is ended that does not end by itself; 0: never */
    double time_limit_s;  /* active seconds of one run; 0: a race's own limit */
    unsigned rounds;      /* races at most; 0: as many as the budget has room for */
    uint64_t memory;      /* bytes that all contenders may take together; 0: no limit */
    uint64_t seed;        /* of the first race; each further one adds 1 */
    bool show_output;
    const volatile int *interrupted;
    struct clock clock; /* zeroed: the real one */
    /* Before each race; seconds_left below 0: no limit. */
    void (*on_round)(void *context, const char *name, unsigned round, double seconds_left);
    /* Before each race: whether those before it are enough. SO_FAR: `rounds`, `round_seconds` and who failed are known.
     * NULL: budget and rounds decide. */
    bool (*is_enough)(void *enough_context, const struct comparison *so_far);
    void *context, *enough_context;
};

/* One metric of a contender. */
struct comparison_figure {
    double median;     /* of its own figures; NAN: not known */
    bool has_interval; /* there were races enough for one */
    double ratio;      /* of the figure to the baseline's, of time that of the speeds; NAN: not known */
    double low, high;  /* the ratio's 95 % interval */
    double p_value;    /* of "no difference"; of this metric and contender alone */
};

/* How one contender did. */
struct comparison_entry {
    const char *label;
    char allocator[96]; /* "own: jemalloc 5.3.0": what the work was done with, where no library was asked for and it is
                           not the C library's malloc; else empty */
    bool failed;        /* left out since; `message` says why */
    char message[384];
    double seconds;            /* median time for the work of a race that all have done */
    double million_operations; /* median rate of a second; 0: the work does not count operations */
    uint64_t peak_resident;    /* bytes, median */
    uint64_t idle_resident;    /* the same of a server after its idle time; 0: not measured */
    struct comparison_figure figure[METRICS];
    /* Of the metric that verdicts are about, the same as its figure's. */
    bool has_interval;
    double ratio, low, high;
    double p_value; /* adjusted for all comparisons once verdicts are made */
};

struct comparison {
    const char *name;
    enum metric metric;
    const struct metric_set *metrics;
    unsigned rounds;
    double round_seconds; /* that a round took on average, of the clock */
    size_t count;
    struct comparison_entry entries[RACE_MAX_CONTENDERS];
    bool baseline_failed;
    bool interrupted;
    enum race_interleave interleave;
    bool has_no_room; /* for all at once: `interleave` was changed to whole runs */
    /* Why it was changed to whole runs though memory suffices: a contender's failure that was none when each ran
     * alone; empty: it was not. */
    char alone_because[256];
    enum alone_cause alone_cause;
};

/* Returns 0 with a result (also when contenders failed or an interruption ended it early), or -1 with errno. */
int comparison_run(const struct comparison_request *request, struct comparison *result);

#endif
