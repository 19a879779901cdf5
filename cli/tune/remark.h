/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in the way of a session's result, as figures: what preflight finds and listeners are told. Below:
 * alone. */
#ifndef HAK_TUNE_REMARK_H
#define HAK_TUNE_REMARK_H

#include "cli/compare/alone.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In braces: what a remark has. */
enum remark_kind {
    REMARK_SHORT,            /* a run is over before anything but its start counts {seconds} */
    REMARK_WAITS,            /* it waits for something else than a processor for most of a run, so that contenders run
                                one by one {seconds, cpu_seconds} */
    REMARK_HARDLY_ALLOCATES, /* no allocator can change its time or memory by what anybody cares for {calls,
                                time_share, memory_share} */
    REMARK_NOISY,            /* runs of the same differ so that a gain that is worth while will not be told {pairs,
                                deviation, tellable, budget_helps} */
    REMARK_OTHER_ALLOCATOR,  /* most of the work is done with another allocator than the one that is tuned {message} */
    REMARK_ALONE,            /* contenders fail when several are up at once and not alone, so they run one by one
                                {cause, message} */
    REMARK_WRAPPED           /* it becomes another program, which does the work, only after a while {message: that
                                program's path, seconds, cpu_seconds: of that while} */
};

struct remark {
    enum remark_kind kind;
    double seconds;      /* active, of a run */
    double cpu_seconds;  /* of all its processes */
    uint64_t calls;      /* of malloc, free and their kin */
    double time_share;   /* the most that the allocator can have of the run's time... */
    double memory_share; /* ...and of its memory */
    size_t pairs;        /* of runs of the same */
    double deviation;    /* of the logs of the ratios of their times */
    double tellable;     /* the least log gain that the proof is expected to tell */
    bool budget_helps;   /* a longer one */
    enum alone_cause cause;
    char message[256]; /* of the failure; or the allocator, as a race names it; or the program */
};

/* Those of a session, in the order in which they were made: one of each kind at most. */
#define REMARKS_MOST 7
struct remarks {
    struct remark list[REMARKS_MOST];
    size_t count;
};

#endif
