/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A look as a document: text, Markdown, CSV or JSON. Below: listing, cli/output. */
#ifndef HAK_INSPECT_PRINT_H
#define HAK_INSPECT_PRINT_H

#include "cli/inspect/look.h"
#include "cli/output/format.h"

#include <stdio.h>

/* Writes the look at TARGET as FORMAT. CSV has the size classes alone, as it has one table. */
void inspect_print(FILE *stream, const struct look *look, const struct target *target, enum output_format format);

/* What makes the figures doubtful, or empty: a line for people. */
#define INSPECT_DOUBT 160
const char *inspect_doubt(const struct look *look, char text[INSPECT_DOUBT]);

#endif
