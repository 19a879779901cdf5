/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune topology: the machine as the tuner sees it. */
#include "cli/machine/machine.h"
#include "cli/machine/topology_json.h"
#include "cli/options/usage.h"
#include "cli/output/format.h"
#include "cli/output/json.h"
#include "cli/verbs/topology_text.h"
#include "cli/verbs/verbs.h"

#include <stdio.h>

int verb_topology(const struct options *options)
{
    struct machine machine;
    char message[512];
    if (!machine_read(&machine, message, sizeof message))
        return usage_failure(VERB_TOPOLOGY, 1, "%s", message);
    if (options->format == OUTPUT_JSON)
        output_json(stdout, topology_json(&machine));
    else
        topology_print(stdout, &machine);
    return 0;
}
