/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --help prints, in at most 80 columns. Main thread. Below: table. */
#ifndef HAK_OPTIONS_HELP_H
#define HAK_OPTIONS_HELP_H

#include "cli/options/options.h"

#include <stdio.h>

/* VERB and its options; VERB_NONE: the verbs. */
void help_print(FILE *stream, enum verb verb);

#endif
