/* SPDX-License-Identifier: MIT */
/* Which blocks are sampled: each byte is as likely as the next, whoever asks in which order, and whatever is foreseen.
 */
#include "lib/thread/sample_clock.h"

#include "lib/profile/active.h"
#include "tests/profile/cmocka_all.h"

#include <hakmem/hakmem.h>

#include <math.h>
#include <string.h>

#define SEED 20261129
#define STANDARD_ERRORS 4

static struct sample_clock clock_of_test;

static int start(void **state)
{
    (void)state;
    hak_free(hak_malloc(1)); /* there are size classes now */
    sample_clock_fix(SEED);
    clock_of_test = (struct sample_clock){0};
    hak_active_profile.heap_profile_interval = 4096;
    return 0;
}

static double probability(double bytes)
{
    return 1 - exp(-bytes / (double)hak_active_profile.heap_profile_interval);
}

/* HITS of COUNT blocks of BYTES are as many as chance makes them. */
static void assert_likely(uint64_t hits, uint64_t count, size_t bytes)
{
    double p = probability((double)bytes), expected = p * (double)count, error = sqrt(expected * (1 - p));
    if (fabs((double)hits - expected) > STANDARD_ERRORS * error + 1)
        fail_msg("%zu bytes: %lu of %lu blocks are sampled, %.0f +- %.0f are likely", bytes, (unsigned long)hits,
                 (unsigned long)count, expected, error);
}

static void blocks_are_sampled_by_their_bytes(void **state)
{
    (void)state;
    static const size_t sizes[] = {16, 48, 1024, 4096, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint64_t hits = 0, count = 300000;
        for (uint64_t n = 0; n < count; n++)
            hits += !sample_clock_passes(&clock_of_test, sizes[i]);
        assert_likely(hits, count, sizes[i]);
    }
}

static void threads_without_a_clock_sample_alike(void **state)
{
    (void)state;
    uint64_t hits = 0, count = 300000;
    for (uint64_t n = 0; n < count; n++)
        hits += !sample_clock_passes_alone(512);
    assert_likely(hits, count, 512);
}

/* What a class has foreseen it uses up block by block, as a counted stack does. */
struct foreseeing {
    unsigned class;
    uint32_t batch, left; /* how many it foresees at a time; how many of them it has yet */
    uint64_t count, hits;
};

static void take_one(struct foreseeing *of)
{
    of->count++;
    if (of->left > 0) {
        of->left--;
        return;
    }
    bool passes = sample_clock_class_passes(&clock_of_test, of->class);
    of->hits += !passes;
    if (passes)
        of->left = sample_clock_foresee(&clock_of_test, of->class, of->batch);
}

/* A class that foresees much, one that foresees little, and one that foresees nothing take turns: what one foresees is
 * not the others' loss or gain. */
static void classes_that_foresee_take_nothing_from_others(void **state)
{
    (void)state;
    struct foreseeing classes[] = {{.class = size_class_of(64), .batch = 256},
                                   {.class = size_class_of(64) + 1, .batch = 7},
                                   {.class = size_class_of(64) + 2, .batch = 0}};
    for (int turn = 0; turn < 900000; turn++)
        take_one(&classes[turn % 3]);
    for (int i = 0; i < 3; i++)
        assert_likely(classes[i].hits, classes[i].count, size_classes[classes[i].class].size);
}

/* A thread may end, or the profile, with blocks that were foreseen: the next ones are as likely as any. */
static void what_is_foreseen_may_be_dropped(void **state)
{
    (void)state;
    struct foreseeing of = {.class = size_class_of(256), .batch = 64};
    for (int turn = 0; turn < 300000; turn++) {
        if (turn % 10 == 0) {
            of.left = 0;
            memset(clock_of_test.due, 0, sizeof clock_of_test.due);
        }
        take_one(&of);
    }
    assert_likely(of.hits, of.count, size_classes[of.class].size);
}

static void the_same_seed_samples_the_same(void **state)
{
    (void)state;
    struct sample_clock other = {0};
    sample_clock_fix(SEED);
    for (int n = 0; n < 100; n++)
        sample_clock_passes(&clock_of_test, 1000);
    sample_clock_fix(SEED);
    for (int n = 0; n < 100; n++)
        sample_clock_passes(&other, 1000);
    assert_memory_equal(&other, &clock_of_test, sizeof other);
}

static void an_interval_of_a_byte_samples_all(void **state)
{
    (void)state;
    hak_active_profile.heap_profile_interval = 1;
    uint64_t hits = 0;
    for (int n = 0; n < 10000; n++)
        hits += !sample_clock_passes(&clock_of_test, 64);
    assert_in_range(hits, 9999, 10000); /* the first of a clock may be the only one that it does not know */
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(blocks_are_sampled_by_their_bytes),
                                       TEST(threads_without_a_clock_sample_alike),
                                       TEST(classes_that_foresee_take_nothing_from_others),
                                       TEST(what_is_foreseen_may_be_dropped),
                                       TEST(the_same_seed_samples_the_same),
                                       TEST(an_interval_of_a_byte_samples_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
