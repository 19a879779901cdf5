/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the options of hakmem-tune tune amount to. Below: cli/options, cli/tune/settings. */
#ifndef HAK_VERBS_TUNE_OPTIONS_H
#define HAK_VERBS_TUNE_OPTIONS_H

#include "cli/options/options.h"
#include "cli/tune/settings.h"

/* Fills in what SETTINGS has from OPTIONS: goal, strategy, work, interleave, seed, budget and trials. Returns 0; or 2
 * after a line on stderr that names the options that do not go together. */
int tune_options_apply(const struct options *options, struct session_settings *settings);

/* Gives back what it made, after a failure too. */
void tune_options_clear(struct session_settings *settings);

#endif
