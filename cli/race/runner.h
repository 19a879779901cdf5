/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One contender in a race: started, given turns or one whole run, ended, and what that took.
 *
 * It knows nothing of the others. One thread, which starts and waits for all of a race. Below: result, slicer, child,
 * process_tree, reaper, blocks. */
#ifndef HAK_RACE_RUNNER_H
#define HAK_RACE_RUNNER_H

#include "cli/race/blocks.h"
#include "cli/race/child.h"
#include "cli/race/process_tree.h"
#include "cli/race/result.h"

#include <stdbool.h>
#include <stdint.h>

/* What holds for all contenders of a race. */
struct runner_terms {
    char *const *argv;
    bool publishes; /* they write a progress page */
    bool show_output;
    uint64_t seed;
    unsigned long timer_slack_ns; /* the caller's own, for the children */
    struct process_family *family;
    uint64_t slice_ns;
    uint64_t time_limit_ns;
    uint64_t deadline_ns;            /* UINT64_MAX: none */
    const volatile int *interrupted; /* may be NULL */
};

/* One contender in the race. */
struct runner {
    const struct race_contender *contender;
    struct race_result *result;
    struct child child;
    struct process_tree tree;
    bool running;        /* started, without a result yet */
    uint64_t origin_ns;  /* its first continue: where the page's active time begins */
    uint64_t stopped_ns; /* its last confirmed stop */
    uint64_t active_ns;  /* so far, without what it waited for a processor */
    struct blocks_turns waits;
    uint64_t turns; /* so far, since its measured work began */
    uint64_t peak_resident;
    bool has_library;         /* it was seen in one of its processes */
    unsigned without_library; /* looks that did not find it */
};

bool runner_interrupted(const struct runner_terms *terms);

/* Whether nobody may run any more: interrupted, or the deadline has come. */
bool runner_time_is_over(const struct runner_terms *terms);

void runner_init(struct runner *runner, const struct race_contender *contender, struct race_result *result);

/* Ends a contender that still runs, and gives everything back but its result. */
void runner_release(struct runner *runner);

/* Starts a contender, stopped. Returns 0 also when it has a result at once, or -1 with errno when the race cannot be
 * held. */
int runner_start(const struct runner_terms *terms, struct runner *runner);

/* One slice, or less where the deadline comes earlier. Who has ended in it, or passed its limit, has a result then. */
void runner_take_turn(const struct runner_terms *terms, struct runner *runner);

/* A started contender at one go, to its end. */
void runner_run_whole(const struct runner_terms *terms, struct runner *runner);

/* Ends a contender that runs, with STATUS: it was cut off because of WHY. */
void runner_cut(struct runner *runner, enum race_status status, const char *why);

/* Ends a contender, by force what is left of it, and adds up. Its status has been set (RACE_OK is 0, as the result was
 * cleared). */
void runner_finish(struct runner *runner);

/* Sets the status and a line for people: LABEL: TEXT, and the last line that the contender wrote to stderr. */
void runner_set_status(struct runner *runner, enum race_status status, int code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The milestones that it has passed; 0 without a progress page. */
uint32_t runner_milestones(const struct runner *runner);

#endif
