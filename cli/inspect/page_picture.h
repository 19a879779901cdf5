/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A SuperSlab as a row of characters, each of which stands for a page, or for equally many of a long one. Pure. Below:
 * snapshot. */
#ifndef HAK_INSPECT_PAGE_PICTURE_H
#define HAK_INSPECT_PAGE_PICTURE_H

#include "cli/inspect/snapshot.h"

/* Characters of a picture at most: the pages of a usual SuperSlab, and what fits beside the figures on a line. */
#define PAGE_PICTURE_MOST 32

/* Writes that of SuperSlab INDEX into TEXT. Blocks in a slab: the more, the darker; `-` retained, `~` freed lazily, `.`
 * released; a blank is a page that nobody has used. Returns TEXT. */
const char *page_picture(const struct snapshot *snapshot, size_t index, bool utf8, char *text, size_t size);

/* The share of a run's blocks that are in use or in caches; 1 for large blocks. */
double page_fullness(const struct snapshot_run *run);

#endif
