/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See remark_words.h. */
#include "config.h"

#include "cli/report/remark_words.h"

#include "cli/journal/record.h"
#include "cli/output/json.h"

#include <math.h>
#include <stdio.h>

/* Smaller shares, in percent, are no better known than this. */
#define LEAST_PERCENT 0.01

static const char one_by_one[] = "contenders run one after the other, as with --interleave run";

static double percent(double share)
{
    return fmax(LEAST_PERCENT, 100 * share);
}

static void describe_alone(const struct remark *remark, char *text, size_t size)
{
    static const char *const advice[] = {
        [ALONE_NOT_KNOWN] = "",
        [ALONE_PORT] = "; {port} in the command gives each a port of its own, and lets them run in turns",
        [ALONE_FILE] = "; {dir} in the command gives each a directory of its own for its files, and lets them run in "
                       "turns",
        [ALONE_TIMER] = "; its timer goes on while others run: give the limit as --timeout instead, and they run in "
                        "turns",
    };
    snprintf(text, size, "contenders fail when several are up at once (%s), and do not alone: %s%s", remark->message,
             one_by_one, advice[remark->cause]);
}

const char *remark_describe(const struct remark *remark, char *text, size_t size)
{
    switch (remark->kind) {
    case REMARK_SHORT:
        snprintf(text, size,
                 "a run takes %.2g ms, and much of that is the start of its processes, which no allocator changes: a "
                 "longer job (more data, or the work in a loop) shows more",
                 1e3 * remark->seconds);
        break;
    case REMARK_WAITS:
        snprintf(text, size,
                 "it waits for %.0f %% of its time (%.2g s on a processor in a run of %.2g s), and goes on waiting "
                 "while others run: %s",
                 100 * (1 - remark->cpu_seconds / remark->seconds), remark->cpu_seconds, remark->seconds, one_by_one);
        break;
    case REMARK_HARDLY_ALLOCATES:
        snprintf(text, size,
                 "the allocator has at most %.2g %% of its time (%.0f calls of malloc and free) and %.2g %% of its "
                 "memory, and no other can win more than that: take a part of the work that allocates more",
                 percent(remark->time_share), (double)remark->calls, percent(remark->memory_share));
        break;
    case REMARK_NOISY:
        snprintf(text, size,
                 "two runs of the same differ by %.2g %% (in %zu pairs): a gain below about %.2g %% will hardly be "
                 "told from that; what helps is a fixed seed, the same input for each run%s",
                 100 * expm1(remark->deviation), remark->pairs, 100 * expm1(remark->tellable),
                 remark->budget_helps ? ", a longer --budget" : "");
        break;
    case REMARK_OTHER_ALLOCATOR:
        snprintf(text, size,
                 "most of its work is done with a malloc of its own (%s), which what is tuned does not reach: build it "
                 "with the C library's malloc (redis: make MALLOC=libc)",
                 remark->message);
        break;
    case REMARK_ALONE:
        describe_alone(remark, text, size);
        break;
    case REMARK_WRAPPED:
        snprintf(text, size,
                 "it is a wrapper: %.2g s of a run's %.2g s on a processor are over before %s does the work, which no "
                 "allocator changes; name that program in the command",
                 remark->cpu_seconds, remark->seconds, remark->message);
        break;
    }
    return text;
}

json_t *remarks_json(const struct remarks *remarks)
{
    char text[1024];
    json_t *array = json_array();
    for (size_t i = 0; i < remarks->count; i++) {
        const struct remark *remark = &remarks->list[i];
        json_t *words = json_text(remark_describe(remark, text, sizeof text));
        json_array_append_new(array, json_pack("{s:s, s:o}", "kind", record_remark_name(remark->kind), "text", words));
    }
    return array;
}

bool remarks_one_by_one(const struct remarks *remarks)
{
    for (size_t i = 0; i < remarks->count; i++)
        if (remarks->list[i].kind == REMARK_WAITS || remarks->list[i].kind == REMARK_ALONE)
            return true;
    return false;
}

const char *remark_run(double seconds, uint64_t operations, char *text, size_t size)
{
    if (operations >= 1000000)
        snprintf(text, size, "%.3g s for a run of %.3g million operations", seconds, (double)operations / 1e6);
    else if (operations > 0)
        snprintf(text, size, "%.3g s for a run of %.3g thousand operations", seconds, (double)operations / 1e3);
    else
        snprintf(text, size, seconds < 1000 ? "%.3g s for a run" : "%.0f s for a run", seconds);
    return text;
}

const char *remark_peak(const struct metric_sample *sample, char *text, size_t size)
{
    char peak[METRIC_TEXT];
    double bytes = sample->value[METRIC_PEAK_MEMORY];
    if (isfinite(bytes))
        snprintf(text, size, "%s at its peak", metric_format(METRIC_PEAK_MEMORY, bytes, peak, sizeof peak));
    else
        snprintf(text, size, "its peak of memory is not known");
    return text;
}
