/* SPDX-License-Identifier: MIT */
/* A race_run that takes no time: a model of the machine, of the workload, and of the clock.
 *
 * It reads the profile files that it is given, as the library would, and lets `speed` and `memory` say what they are
 * worth. */
#ifndef TEST_SIMULATED_RACE_H
#define TEST_SIMULATED_RACE_H

#include "cli/machine/limits.h"
#include "cli/race/race.h"
#include "cli/tune/budget.h"
#include "lib/profile/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the clock shows first. */
#define SIMULATION_START 1000.0

struct simulation {
    double now;                  /* seconds: what the simulated clock shows */
    double fixed, per_operation; /* seconds of a run under the default profile */
    /* standard deviations of the logarithm: of whole runs, and of blocks, which are correlated */
    double run_noise, block_noise;
    double stalls;      /* share of the runs that a neighbour makes longer, up to three times as long */
    double first_takes; /* times as long as it should: the very first run; 0: as long */
    double drift;       /* of all contenders of a race alike */
    size_t blocks;      /* of a run; 1: a command */
    double bytes;       /* resident under the default profile */
    double (*speed)(const struct hak_profile *); /* log gain in time over the default */
    /* The same in races of more than `crowd` contenders, which take from each other what there is little of. */
    double (*crowded_speed)(const struct hak_profile *);
    size_t crowd;
    double (*memory)(const struct hak_profile *);         /* log gain in peak memory over the default */
    enum race_status (*fate)(const struct hak_profile *); /* NULL: all is well */
    /* The same by what a contender is launched with, besides; NULL: nothing. */
    double (*launch_speed)(const struct launch *);
    double (*launch_memory)(const struct launch *);
    enum race_status (*launch_fate)(const struct launch *);
    bool one_at_a_time; /* in slices all but one of several fail */
    double busy;        /* the share of its time that a run is on a processor */
    size_t races, runs;
    size_t most_at_once;    /* contenders of a race in slices */
    size_t whole_runs;      /* races of several contenders in whole runs */
    double time_limit;      /* seconds of active time: of the last race of several */
    size_t without_profile; /* runs that were given no file to read */
    size_t interrupt_after; /* races; 0: never */
    uint64_t seeds[4096];   /* of every race */
};

extern struct simulation simulation;

/* What the space is made for. */
extern const struct machine_limits simulated_machine;

/* A quiet machine on which all profiles are equal. */
void simulation_reset(unsigned long seed);

/* Turns with the simulation. */
extern const struct clock simulation_clock;

#endif
