/* SPDX-License-Identifier: MIT */
/* What each setting did: a session of which it is known. */
#include "cli/report/main_effects.h"

#include "cli/output/memory.h"
#include "tests/search_space/profile_space.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define CANDIDATES 60

/* Candidates that have two changes more often together than alone: huge pages bring 5 %, the large stacks that came
 * with them nothing; small SuperSlabs cost 3 %. */
static struct session_record *known(void)
{
    struct session_record *record = must_have(calloc(1, sizeof *record));
    profile_space_init(&record->space, &usual_machine);
    record->goal.objective = METRIC_TIME;
    record->trials = must_have(calloc(CANDIDATES, sizeof *record->trials));
    record->trial_count = CANDIDATES;
    for (unsigned i = 0; i < CANDIDATES; i++) {
        struct space_point point = space_default(&record->space);
        struct candidate_run run = {.gain = metric_unknown(), .time_error = 0.002};
        bool huge = i % 2, stacks = huge ? i % 8 != 1 : i % 8 == 0, small = i % 3 == 0;
        space_set(&record->space, &point, "purge.delay", 1000u << i % 5);
        if (huge)
            space_set(&record->space, &point, "pages.huge", HAK_HUGE_MADVISE);
        if (stacks)
            space_set(&record->space, &point, "thread_cache.max_objects", 1024);
        if (small)
            space_set(&record->space, &point, "superslab.size", 1 << 20);
        run.gain.value[METRIC_TIME] = (huge ? 0.05 : 0) - (small ? 0.03 : 0) + 0.001 * sin(i * 7.0);
        candidate_init(&record->trials[i].candidate, i + 1, &point);
        candidate_add_run(&record->trials[i].candidate, &run);
    }
    candidate_fail(&record->trials[5].candidate, "it crashed");
    candidate_noise_init(&record->noise, true);
    return record;
}

static void release(struct session_record *record)
{
    for (size_t i = 0; i < record->trial_count; i++)
        candidate_clear(&record->trials[i].candidate);
    free(record->trials);
    free(record);
}

static const struct main_effect *find(const struct session_record *record, const struct main_effect *effects,
                                      const char *key)
{
    int dimension = space_find(&record->space, key);
    for (size_t i = 0; i < record->space.count; i++)
        if (effects[i].dimension == (size_t)dimension)
            return &effects[i];
    fail_msg("%s is not there", key);
    return NULL;
}

/* The gain of VALUE. */
static double gain_of(const struct session_record *record, const struct main_effect *effect, uint64_t value)
{
    return effect->level[space_dimension_nearest(&record->space.dimension[effect->dimension], value)].gain.mean;
}

static void companions_get_no_credit(void **state)
{
    (void)state;
    struct session_record *record = known();
    struct main_effect *effects = must_have(calloc(SPACE_MAX_DIMENSIONS, sizeof *effects));
    assert_int_equal(main_effects_find(record, METRIC_TIME, effects), CANDIDATES - 1);
    const struct main_effect *huge = find(record, effects, "pages.huge"),
                             *stacks = find(record, effects, "thread_cache.max_objects"),
                             *small = find(record, effects, "superslab.size");
    assert_ptr_equal(huge, &effects[0]);
    assert_ptr_equal(small, &effects[1]);
    assert_true(fabs(gain_of(record, huge, HAK_HUGE_MADVISE) - 0.05) < 0.005);
    assert_true(fabs(gain_of(record, small, 1 << 20) + 0.03) < 0.005);
    assert_true(fabs(gain_of(record, stacks, 1024)) < 0.005);
    assert_true(huge->share > 0.6 && stacks->share < 0.05);
    const struct space_dimension *dimension = &record->space.dimension[huge->dimension];
    assert_true(huge->level[dimension->default_level].gain.mean == 0 &&
                huge->level[dimension->default_level].gain.error == 0);
    assert_true(isinf(huge->level[space_dimension_nearest(dimension, HAK_HUGE_ALWAYS)].gain.error)); /* not tried */
    free(effects);
    release(record);
}

static void nothing_is_known_of_no_candidates(void **state)
{
    (void)state;
    struct session_record *record = known();
    struct main_effect *effects = must_have(calloc(SPACE_MAX_DIMENSIONS, sizeof *effects));
    assert_int_equal(main_effects_find(record, METRIC_IDLE_MEMORY, effects), 0);
    for (size_t i = 0; i < record->space.count; i++)
        assert_true(effects[i].share == 0);
    free(effects);
    release(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(companions_get_no_credit),
        cmocka_unit_test(nothing_is_known_of_no_candidates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
