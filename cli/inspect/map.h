/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture of a heap: each SuperSlab is a row, each slab and each large block a cell, coloured by its size class and
 * filled as far as its blocks are in use. As SVG, or as HTML with the figures beside it; for screens that are light or
 * dark, and for paper. Nothing is loaded from elsewhere.
 *
 * Below: listing, cli/output. */
#ifndef HAK_INSPECT_MAP_H
#define HAK_INSPECT_MAP_H

#include "cli/inspect/look.h"

#include <stdio.h>

enum map_format { MAP_SVG, MAP_HTML, MAP_NONE };

/* By the ending of PATH; MAP_NONE: it is another one. */
enum map_format map_format_of(const char *path);

/* SuperSlabs' rows that a picture has at most, so that a browser can show it: a long SuperSlab has several. */
#define MAP_MOST_ROWS 2000

/* Writes the picture of LOOK. Returns how many SuperSlabs were too many for it. */
size_t map_write(FILE *stream, enum map_format format, const struct look *look, const struct target *target);

#endif
