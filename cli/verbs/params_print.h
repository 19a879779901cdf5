/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of settings in every form: the schema's, or another allocator's. Below this file: lib/profile/schema,
 * cli/subject/allocator. */
#ifndef HAK_VERBS_PARAMS_PRINT_H
#define HAK_VERBS_PARAMS_PRINT_H

#include "cli/output/format.h"
#include "cli/subject/allocator.h"

#include <stdio.h>

/* The settings of ALLOCATOR, or the profile's parameters where it is NULL: text, JSON, Markdown, CSV, or the items of a
 * manual page's list (roff, man macros). */
void params_print(FILE *stream, enum output_format format, const struct allocator *allocator);

#endif
