/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune --allocator installed or NAME,NAME...: which of several allocators is best, and with which settings.
 * Main thread, once. Below: several, tune_session, cli/compare/selection, cli/report/selection_report. */
#ifndef HAK_VERBS_TUNE_SEVERAL_H
#define HAK_VERBS_TUNE_SEVERAL_H

#include "cli/options/options.h"

#include <stdbool.h>

/* Whether what --allocator says means several. */
bool tune_several_is_meant(const char *text);

/* Returns the program's exit status. */
int tune_several(const struct options *options);

#endif
