/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One contender in a race: started, given turns or one whole run, ended, and what that took.
 *
 * It knows nothing of the others, nor of what comes before and after the measured work (phases.h). One thread, which
 * starts and waits for all of a race. Below: result, slicer, group, allocator, memory_watch, output_watch,
 * place, blocks, cli/machine/counters,
 * cli/workload, cli/locate/program. */
#ifndef HAK_RACE_RUNNER_H
#define HAK_RACE_RUNNER_H

#include "cli/machine/counters.h"
#include "cli/race/allocator.h"
#include "cli/race/blocks.h"
#include "cli/race/group.h"
#include "cli/race/memory_watch.h"
#include "cli/race/output_watch.h"
#include "cli/race/place.h"
#include "cli/race/result.h"
#include "cli/workload/workload.h"

#include <stdbool.h>
#include <stdint.h>

/* What holds for all contenders of a race. */
struct runner_terms {
    const struct workload *work;
    bool show_output;
    bool keep_turns;                  /* in the results */
    uint64_t begin_ns;                /* of the race */
    const struct metric_set *metrics; /* may be NULL */
    bool all_at_once;                 /* in turns, so that all are up at the same time */
    uint64_t seed;
    unsigned long timer_slack_ns; /* the caller's own, for the children */
    struct process_family *family;
    uint64_t slice_ns;
    uint64_t time_limit_ns;
    bool limit_is_timeout;           /* which --timeout sets, or would */
    uint64_t deadline_ns;            /* UINT64_MAX: none */
    const volatile int *interrupted; /* may be NULL */
};

/* One contender in the race. */
struct runner {
    const struct race_contender *contender;
    struct race_result *result;
    struct group group;
    struct place place;
    bool in_shell;       /* its first process is a shell that has started its program */
    char name[64];       /* of its program, for messages */
    bool running;        /* started, and its measured work has not ended yet */
    bool resting;        /* that has, and what served it stands still */
    uint64_t origin_ns;  /* its first continue: where the page's active time begins */
    uint64_t stopped_ns; /* its last confirmed stop */
    uint64_t active_ns;  /* so far, without what it waited for a processor */
    struct blocks_turns waits;
    uint64_t turns;             /* so far, since its measured work began */
    bool begun;                 /* its measured work has */
    struct memory_watch memory; /* of its own program */
    uint64_t idle_resident;     /* of a server after its load and the idle time, bytes; 0: not measured */
    uint64_t memory_before;     /* bytes, before its last turn */
    uint64_t looked_ns;         /* active_ns at its last look */
    uint64_t glance_ns;         /* how long one in a turn takes */
    uint64_t single_peak;       /* bytes: of the first process, as long as that is small */
    uint64_t stop_switches;     /* that stops made of its own program's threads */
    struct output_watch output; /* of the part whose output has the user's metrics */
    struct counters counters;   /* of its own program */
    /* Of a server, whose work is a part of its life: what it had used before, and what it used for it. */
    struct runner_used {
        bool known;
        struct process_usage usage;
        double counted[COUNTERS];
    } before_work, by_work;
    /* Of a workload that publishes: what it had used at the end of the first turn of its measured work, and of the last
     * one. */
    struct runner_processor {
        uint64_t cpu_ns, active_ns;
    } work_begin, work_end;
    struct allocator_watch allocators; /* what its processes have */
};

bool runner_interrupted(const struct runner_terms *terms);

/* Whether nobody may run any more: interrupted, or the deadline has come. */
bool runner_time_is_over(const struct runner_terms *terms);

void runner_init(struct runner *runner, const struct race_contender *contender, struct race_result *result);

/* Ends a contender that still runs or rests, and gives everything back but its result. */
void runner_release(struct runner *runner);

/* Makes what it has for itself. Returns 0, or -1 with errno when the race cannot be held. */
int runner_make_place(const struct runner_terms *terms, struct runner *runner);

/* Starts a contender's own program, stopped. Returns 0 also when it has a result at once, or -1 with errno when the
 * race cannot be held. */
int runner_start(const struct runner_terms *terms, struct runner *runner);

/* Starts COMMAND_LINE as another part of it, stopped, without the library. Returns as runner_start; then the group has
 * the part, or it has a result. */
int runner_start_part(const struct runner_terms *terms, struct runner *runner, enum group_part part,
                      const char *command_line);

/* The measured work of a server, which stands still, begins now. */
void runner_begin_work(struct runner *runner);

/* One slice, or less where the deadline comes earlier. Who has ended in it, or passed its limit, has a result then. */
void runner_take_turn(const struct runner_terms *terms, struct runner *runner);

/* A started contender at one go, to its end. */
void runner_run_whole(const struct runner_terms *terms, struct runner *runner);

/* Ends a contender that runs, with STATUS: it was cut off because of WHY. */
void runner_cut(struct runner *runner, enum race_status status, const char *why);

/* Ends a contender, by force what is left of it, and adds up. Its status has been set (RACE_OK is 0, as the result was
 * cleared). */
void runner_finish(struct runner *runner);

/* Sets the status and a line for people: LABEL: TEXT, and the last line that PART wrote to stderr. */
void runner_set_status(struct runner *runner, enum group_part part, enum race_status status, int code,
                       const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Sets the status after the first process of PART has ended where it should not have, or not so: "cannot run PROGRAM,
 * FILE", or "WHAT exit status 3". Both NULL for the contender's own program. */
void runner_set_status_of_end(struct runner *runner, enum group_part part, const char *program, const char *what);

/* Sets the status after a server's own program has ended, in a moment that WHEN names. */
void runner_tell_death(struct runner *runner, const char *when);

/* Looks for its processes, which run or have just run: notes how much memory its own program holds, and whether the
 * library is there. */
void runner_look(struct runner *runner);

/* Bytes that its processes had at the last look; a server's load counts. */
uint64_t runner_resident(const struct runner *runner);

/* Its progress page, or NULL. */
struct bench_progress *runner_page(const struct runner *runner);

/* The milestones that it has passed; 0 without a progress page. */
uint32_t runner_milestones(const struct runner *runner);

#endif
