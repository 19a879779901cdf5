/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads of hakmem-bench; see workload.h. */
#include "config.h"

#include "cli/locate/bench.h"
#include "cli/workload/kinds.h"
#include "cli/workload/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BENCH_USAGE_STATUS 2

static void name(const struct workload *work, char *text, size_t size)
{
    snprintf(text, size, "%s", work->workload);
}

static void describe(const struct workload *work, char *text, size_t size)
{
    char number[48];
    size_t used = text_append(text, size, 0, work->workload);
    if (work->operations) {
        snprintf(number, sizeof number, ", %" PRIu64 " operations", work->operations);
        used = text_append(text, size, used, number);
    }
    if (work->threads) {
        snprintf(number, sizeof number, ", %u thread%s", work->threads, work->threads == 1 ? "" : "s");
        text_append(text, size, used, number);
    }
}

/* Appends an option with a number, unless it is 0, which stands for the workload's own default. */
static int add_number(struct words *words, const char *option, uint64_t number)
{
    if (number == 0)
        return 0;
    return words_add(words, "%s", option) | words_add(words, "%" PRIu64, number);
}

static int add_share(struct words *words, double share)
{
    return words_add(words, "--share") | words_add(words, "%.9g", share);
}

static int words(const struct workload *work, const struct words_place *place, uint64_t seed, struct words *words)
{
    (void)place;
    char *bench = bench_find();
    if (!bench)
        return -1;
    int result = words_add(words, "%s", bench) | words_add(words, "%s", work->workload) |
                 add_number(words, "--ops", work->operations);
    free(bench);
    if (work->operations == 0 && work->share > 0)
        result |= add_share(words, work->share);
    result |= add_number(words, "--threads", work->threads) | add_number(words, "--seed", seed);
    if (result != 0)
        errno = ENOMEM;
    return result;
}

const struct workload_kind workload_built_in = {
    .label = "workload",
    .scales = true,
    .publishes = true,
    .is_ours = true,
    .usage_status = BENCH_USAGE_STATUS,
    .name = name,
    .describe = describe,
    .words = words,
};
