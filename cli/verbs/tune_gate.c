/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tune_gate.h. */
#include "cli/verbs/tune_gate.h"

#include "cli/options/table.h"
#include "cli/report/session_words.h"

#include <stdio.h>

#define EXIT_NOT_ENOUGH 4

int tune_gate(const struct options *options, const struct session_record *record)
{
    const struct proof_finalist *winner = proof_winner(&record->outcome.proof, GOAL_RECOMMENDED);
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    if (!option_given(options, require_gain))
        return 0;
    if (!winner) {
        fprintf(stderr, "hakmem-tune: --require-gain %g: no gain is proved\n", options->require_gain);
        return EXIT_NOT_ENOUGH;
    }
    const struct statistics_interval *gain = &winner->figure[goal.objective].gain;
    double low = session_words_amount(&goal.metrics, goal.objective, gain->low);
    if (low >= options->require_gain)
        return 0;
    fprintf(stderr,
            "hakmem-tune: --require-gain %g: the proved gain is less, %.1f%% at the lower end of its interval\n",
            options->require_gain, low);
    return EXIT_NOT_ENOUGH;
}
