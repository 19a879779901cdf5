/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tune_gate.h. */
#include "config.h"

#include "cli/verbs/tune_gate.h"

#include "cli/options/table.h"
#include "cli/report/session_words.h"

#include <math.h>
#include <stdio.h>

#define EXIT_NOT_ENOUGH 4

/* LOW: the log gain in the objective of GOAL that is proved; NAN: there is none. */
static int judge(const struct options *options, const struct goal *goal, double low)
{
    if (!option_given(options, require_gain))
        return 0;
    if (isnan(low)) {
        fprintf(stderr, "hakmem-tune: --require-gain %g: no gain is proved\n", options->require_gain);
        return EXIT_NOT_ENOUGH;
    }
    low = session_words_amount(&goal->metrics, goal->objective, low);
    if (low >= options->require_gain)
        return 0;
    fprintf(stderr,
            "hakmem-tune: --require-gain %g: the proved gain is less, %.1f%% at the lower end of its interval\n",
            options->require_gain, low);
    return EXIT_NOT_ENOUGH;
}

int tune_gate(const struct options *options, const struct session_record *record)
{
    const struct proof_finalist *winner = proof_winner(&record->outcome.proof, GOAL_RECOMMENDED);
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    return judge(options, &goal, winner ? winner->figure[goal.objective].gain.low : NAN);
}

int tune_gate_selection(const struct options *options, const struct selection_view *view)
{
    const struct comparison *race = &view->selection->race;
    const struct recommendation *recommendation = &view->selection->recommendation;
    struct recommend_gain gain = {.low = NAN};
    if (recommendation->kind == RECOMMEND_BETTER)
        recommend_gain(race, recommendation->best, race->metric, &gain);
    return judge(options, view->goal, gain.low);
}
