/* SPDX-License-Identifier: MIT */
/* A record of the statistics: what they are now, of which process, when and why; and the three forms in which it is
 * written.
 *
 * Any thread may call anything, in a signal handler as well. Below: stats, miss_rates, base/process, the profile. */
#ifndef HAK_OBSERVE_STATS_RECORD_H
#define HAK_OBSERVE_STATS_RECORD_H

#include "lib/base/writer.h"
#include "lib/observe/stats.h"

enum stats_reason { STATS_OF_CALL, STATS_AT_EXIT, STATS_ON_SIGNAL };

struct stats_record {
    struct stats_all all;
    uint64_t pid, forked_from; /* 0: not forked, or not known */
    const char *program;
    uint64_t seconds; /* since 1970 */
    enum stats_reason reason;
};

COLD void stats_record_take(struct stats_record *record, enum stats_reason reason);

/* "call", "exit" or "signal". */
COLD const char *stats_record_reason(const struct stats_record *record);

/* In stats_line.c: one line. */
COLD void stats_add_line(struct writer *, const struct stats_record *record);
/* In stats_text.c: everything, one "name: value" a line. */
COLD void stats_add_text(struct writer *, const struct stats_record *record);
/* In stats_json.c: everything, as one JSON object in one line. */
COLD void stats_add_json(struct writer *, const struct stats_record *record);

#endif
