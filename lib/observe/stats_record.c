/* SPDX-License-Identifier: MIT */
#include "lib/observe/stats_record.h"

#include "lib/base/process.h"

#include <time.h>
#include <unistd.h>

void stats_record_take(struct stats_record *record, enum stats_reason reason)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    record->pid = (uint64_t)getpid();
    record->forked_from = process_forked_from();
    record->program = process_name();
    record->seconds = (uint64_t)now.tv_sec;
    record->reason = reason;
    stats_collect(&record->all, true);
}

const char *stats_record_reason(const struct stats_record *record)
{
    switch (record->reason) {
    case STATS_AT_EXIT:
        return "exit";
    case STATS_ON_SIGNAL:
        return "signal";
    case STATS_OF_CALL:
        break;
    }
    return "call";
}
