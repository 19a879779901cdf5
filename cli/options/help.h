/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --help prints, in at most 80 columns. Main thread. Below: table. */
#ifndef HAK_OPTIONS_HELP_H
#define HAK_OPTIONS_HELP_H

#include "cli/options/table.h"

#include <stdio.h>

/* VERB and its options; VERB_NONE: the verbs. */
void help_print(FILE *stream, enum verb verb);

/* What the value of ROW is called: "DURATION", "text|json"; "" where it has none. Returns TEXT. */
const char *help_argument(const struct option_row *row, char *text, size_t size);

/* "default 60s"; "" where there is none. Returns TEXT. */
const char *help_default(const struct option_row *row, char *text, size_t size);

#endif
