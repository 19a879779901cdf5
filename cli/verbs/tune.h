/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune [tune]: search a better profile, prove it, save it. Main thread, once. Below: tune_session, tune_several,
 * cli/report. */
#ifndef HAK_VERBS_TUNE_H
#define HAK_VERBS_TUNE_H

#include "cli/options/options.h"

/* Returns the program's exit status. */
int verb_tune(const struct options *options);

#endif
