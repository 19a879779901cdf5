/* SPDX-License-Identifier: MIT */
/* See simulated_race.h. */
#include "config.h"

#include "tests/tune/simulated_race.h"

#include "lib/profile/load.h"

#include <dlfcn.h>
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lag-1 correlation of neighbouring blocks. */
#define CORRELATION 0.5

struct simulation simulation;

const struct machine_limits simulated_machine = {.l1_data = 32768,
                                                 .l2 = 1 << 20,
                                                 .page_size = 4096,
                                                 .huge_page_size = 2 << 20,
                                                 .cores = 2,
                                                 .processing_units = 2,
                                                 .description = "a simulation",
                                                 .transparent_huge_pages_usable = true};
static gsl_rng *generator;

static double equal(const struct hak_profile *profile)
{
    (void)profile;
    return 0;
}

void simulation_reset(unsigned long seed)
{
    if (!generator) {
        generator = gsl_rng_alloc(gsl_rng_mt19937);
        dlopen("libyaml-0.so.2", RTLD_NOW); /* it stays: else each of thousands of profiles brings it in anew */
    }
    gsl_rng_set(generator, seed);
    simulation = (struct simulation){.now = SIMULATION_START,
                                     .fixed = 0.02,
                                     .per_operation = 1e-8,
                                     .run_noise = 0.006,
                                     .block_noise = 0.02,
                                     .drift = 0.1,
                                     .blocks = 20,
                                     .busy = 1,
                                     .bytes = 64.0 * 1024 * 1024,
                                     .speed = equal,
                                     .memory = equal};
}

static double clock_now(void *context)
{
    (void)context;
    return simulation.now;
}

const struct clock simulation_clock = {clock_now, NULL};

/* The path of the profile that the library would read in a process of LAUNCH; NULL: none. */
static const char *profile_of(const struct launch *launch)
{
    static const char name[] = "HAKMEM_PROFILE=";
    for (size_t i = 0; launch->environment && launch->environment[i]; i++) {
        if (strncmp(launch->environment[i], name, sizeof name - 1) == 0)
            return launch->environment[i] + sizeof name - 1;
    }
    return NULL;
}

static void load(const char *path, struct hak_profile *profile)
{
    char message[HAK_PROFILE_MESSAGE_SIZE];
    hak_profile_default(profile);
    if (path && !hak_profile_load_file(profile, path, message, sizeof message)) {
        fprintf(stderr, "%s\n", message); /* a candidate that the library would refuse: no test may pass */
        abort();
    }
}

static void fail(struct race_result *result, enum race_status status)
{
    result->status = status;
    result->code = status == RACE_CRASHED ? 11 : 1;
    snprintf(result->message, sizeof result->message, "simulated failure %d", (int)status);
}

static double speed_of(const struct hak_profile *profile, size_t contenders)
{
    bool is_crowded = simulation.crowded_speed && contenders > simulation.crowd;
    return is_crowded ? simulation.crowded_speed(profile) : simulation.speed(profile);
}

static void run(struct race_result *result, const struct hak_profile *profile, const struct launch *launch,
                size_t contenders, double seconds)
{
    double own = gsl_ran_gaussian(generator, simulation.run_noise),
           wave = gsl_ran_gaussian(generator, simulation.block_noise);
    if (simulation.stalls > 0 && gsl_rng_uniform(generator) < simulation.stalls)
        own += log(1 + 2 * gsl_rng_uniform(generator));
    if (simulation.runs == 0 && simulation.first_takes > 0)
        own += log(simulation.first_takes);
    double gain = speed_of(profile, contenders) + (simulation.launch_speed ? simulation.launch_speed(launch) : 0);
    double sum = 0, usual = seconds * exp(-gain + own);
    result->status = RACE_OK;
    result->blocks = simulation.blocks;
    result->block_s = malloc(simulation.blocks * sizeof *result->block_s);
    for (size_t i = 0; i < simulation.blocks; i++) {
        wave = CORRELATION * wave +
               gsl_ran_gaussian(generator, simulation.block_noise * sqrt(1 - CORRELATION * CORRELATION));
        result->block_s[i] = usual / (double)simulation.blocks * exp(wave);
        sum += result->block_s[i];
    }
    gain = simulation.memory(profile) + (simulation.launch_memory ? simulation.launch_memory(launch) : 0);
    double bytes = simulation.bytes * exp(-gain);
    result->sample.value[METRIC_TIME] = sum;
    result->sample.value[METRIC_CPU_TIME] = simulation.busy * sum;
    result->sample.value[METRIC_PEAK_MEMORY] = result->sample.value[METRIC_MEAN_MEMORY] = bytes;
    simulation.now += sum * 1.05;
}

int race_run(const struct race_contender *contenders, size_t count, const struct workload *work,
             const struct race_options *options, struct race_result *results)
{
    double seconds = simulation.fixed + simulation.per_operation * (double)work->operations;
    seconds *= exp(gsl_ran_gaussian(generator, simulation.drift));
    if (simulation.races < sizeof simulation.seeds / sizeof *simulation.seeds)
        simulation.seeds[simulation.races] = options->seed;
    simulation.races++;
    if (count > 1)
        simulation.time_limit = options->time_limit_s;
    if (count > 1 && options->interleave == RACE_RUNS)
        simulation.whole_runs++;
    else if (count > simulation.most_at_once)
        simulation.most_at_once = count;
    if (simulation.interrupt_after && simulation.races > simulation.interrupt_after) {
        errno = ECANCELED;
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        struct hak_profile profile;
        simulation.without_profile += profile_of(&contenders[i].launch) == NULL;
        memset(&results[i], 0, sizeof results[i]);
        results[i].sample = metric_unknown();
        load(profile_of(&contenders[i].launch), &profile);
        enum race_status fate = simulation.fate ? simulation.fate(&profile) : RACE_OK;
        if (simulation.one_at_a_time && i > 0 && options->interleave == RACE_SLICES)
            fate = RACE_FAILED;
        if (fate == RACE_OK && simulation.launch_fate)
            fate = simulation.launch_fate(&contenders[i].launch);
        if (fate != RACE_OK)
            fail(&results[i], fate);
        else
            run(&results[i], &profile, &contenders[i].launch, count, seconds);
        simulation.runs++;
    }
    return 0;
}

void race_results_clear(struct race_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(results[i].block_s);
        results[i].block_s = NULL;
        results[i].blocks = 0;
    }
}
