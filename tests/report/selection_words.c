/* SPDX-License-Identifier: MIT */
/* What is recommended of several allocators, in words. */
#include "cli/report/selection_words.h"

#include "cli/output/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The cost of an allocator is RATIO of the first's, from LOW to HIGH. */
static void enter(struct comparison *race, const char *label, double ratio, double low, double high)
{
    struct comparison_entry *entry = &race->entries[race->count++];
    entry->label = label;
    entry->seconds = 1;
    entry->has_interval = true;
    entry->ratio = ratio;
    entry->low = low;
    entry->high = high;
    entry->p_value = 0.001;
    entry->figure[METRIC_COST] = (struct comparison_figure){1, true, ratio, low, high, 0.001};
}

/* What is said of a sure one, and of one that costs OTHER of the first, and is less sure. */
static void say(double other, char text[SELECTION_WORDS])
{
    struct selection *selection = must_have(calloc(1, sizeof *selection));
    const struct goal goal = {.objective = METRIC_COST};
    const struct selection_view view = {.selection = selection, .goal = &goal};
    struct comparison *race = &selection->race;
    race->metric = METRIC_COST;
    race->metrics = &goal.metrics;
    race->rounds = 8;
    enter(race, "glibc", 1, 1, 1);
    enter(race, "sure", 0.9130, 0.912, 0.914);
    enter(race, "other", other, 0.90, 0.93);
    selection->recommendation = (struct recommendation){.kind = RECOMMEND_BETTER, .best = 1};
    selection_words_recommendation(&view, text);
    free(selection);
}

static void who_gains_more_is_told_as_it_is_shown(void **state)
{
    (void)state;
    char text[SELECTION_WORDS];
    say(0.9129, text);
    assert_non_null(strstr(text, "sure: 8.7% cheaper than glibc"));
    assert_non_null(strstr(text, "; other gains as much on average, 8.7%, but is less sure of it (7.0% to 10.0%)"));
    say(0.9112, text);
    assert_non_null(strstr(text, "; other gains more on average, 8.9%, but"));
    say(0.9140, text);
    assert_null(strstr(text, "other"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_gains_more_is_told_as_it_is_shown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
