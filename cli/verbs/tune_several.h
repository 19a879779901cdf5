/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune [tune], with --allocator installed or NAME,NAME... too: a session for each allocator, then a race of all
 * of them, each as it comes and as tuned. Main thread, once. Below: tune, cli/compare, cli/report. */
#ifndef HAK_VERBS_TUNE_SEVERAL_H
#define HAK_VERBS_TUNE_SEVERAL_H

#include "cli/options/options.h"

/* Returns the program's exit status. One allocator is a session alone. */
int verb_tune(const struct options *options);

#endif
