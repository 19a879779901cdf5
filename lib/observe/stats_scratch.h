/* SPDX-License-Identifier: MIT */
/* Memory for one record and its text: not the caller's stack, which may be a small one, nor the heap's. Any thread, in
 * a signal handler as well. Below: stats_record, os. */
#ifndef HAK_OBSERVE_STATS_SCRATCH_H
#define HAK_OBSERVE_STATS_SCRATCH_H

#include "lib/observe/stats_record.h"
#include "lib/observe/stats_request.h"

struct stats_scratch {
    struct stats_record record;
    char path[STATS_PATH_SIZE];
    char text[HAK_STATS_JSON_BYTES];
};

/* NULL where somebody else has it and more memory is refused. */
COLD struct stats_scratch *stats_scratch_take(void);
COLD void stats_scratch_give(struct stats_scratch *scratch);

#endif
