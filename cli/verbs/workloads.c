/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune workloads: what can be measured, as hakmem-bench lists it. */
#include "cli/locate/bench.h"
#include "cli/options/usage.h"
#include "cli/output/format.h"
#include "cli/verbs/verbs.h"

int verb_workloads(const struct options *options)
{
    char message[512];
    if (bench_list(options->format == OUTPUT_JSON, message, sizeof message))
        return 0;
    return usage_failure(VERB_WORKLOADS, 1, "%s", message);
}
