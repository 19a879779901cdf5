/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the picture is made of, for map.c, map_rows.c and map_style.c alone. Below: map. */
#ifndef HAK_INSPECT_MAP_PARTS_H
#define HAK_INSPECT_MAP_PARTS_H

#include "cli/inspect/map.h"

/* Pixels. A row is address, cells, figures. */
#define MAP_MARGIN 16
#define MAP_LABEL 190
#define MAP_CELLS 896
#define MAP_FIGURES 150
#define MAP_WIDTH (2 * MAP_MARGIN + MAP_LABEL + MAP_CELLS + MAP_FIGURES)
#define MAP_ROW 14
#define MAP_CELL 12 /* of a row's height; the rest lies between rows */

struct map {
    FILE *stream;
    const struct look *look;
    const struct target *target;
    int y;           /* where the next row begins */
    size_t rows;     /* that are drawn */
    size_t left_out; /* SuperSlabs */
};

/* TEXT as the content of an element. */
void map_put_text(FILE *stream, const char *text);

/* The rules for colours, for what map_draw_rows and map_draw_legend write. */
void map_put_style(const struct map *map);

/* The patterns that cells are filled with. */
void map_put_patterns(FILE *stream);

/* Rows of all SuperSlabs and mappings from map->y on. */
void map_draw_rows(struct map *map);

/* How high that is, without drawing it. */
int map_rows_height(const struct look *look);

/* What colours mean: as SVG from map->y on, or as elements of HTML. */
void map_draw_legend(struct map *map);
void map_put_legend(const struct map *map);
int map_legend_height(const struct look *look);

#endif
