/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schema's table in every form. Below this file: lib/profile/schema. */
#ifndef HAK_VERBS_PARAMS_PRINT_H
#define HAK_VERBS_PARAMS_PRINT_H

#include "cli/output/format.h"

#include <stdio.h>

/* Text, JSON, Markdown, CSV, or the items of a manual page's list (roff, man macros). */
void params_print(FILE *stream, enum output_format format);

#endif
