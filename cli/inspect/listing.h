/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of what a look has found, as numbers with their kinds: for the live view, which sorts them, and for text,
 * Markdown and CSV.
 *
 * A listing belongs to its maker. Running out of memory ends the program. Below: look. */
#ifndef HAK_INSPECT_LISTING_H
#define HAK_INSPECT_LISTING_H

#include "cli/inspect/look.h"

enum listing_kind { LISTING_CLASSES, LISTING_THREADS, LISTING_SUPERSLABS, LISTING_MEMORY, LISTINGS };

enum listing_format {
    LISTING_TEXT,
    LISTING_ADDRESS,
    LISTING_COUNT,
    LISTING_SIZE,      /* bytes */
    LISTING_SHARE,     /* 0 to 1 */
    LISTING_RATE,      /* of a count, for each second */
    LISTING_SIZE_RATE, /* of bytes */
    LISTING_PICTURE    /* of a SuperSlab's pages; for people alone */
};

struct listing_column {
    const char *name; /* for people */
    const char *key;  /* for programs; NULL: as `name` */
    enum listing_format format;
    int rank; /* columns with higher ones are left out first where there is not enough room */
};

struct listing_cell {
    double number;    /* NAN: not known; LISTING_PICTURE: index of the SuperSlab */
    const char *text; /* of LISTING_TEXT; of a number what stands in its place, or NULL */
};

#define LISTING_MOST_COLUMNS 12

struct listing {
    enum listing_kind kind;
    const struct listing_column *columns;
    size_t column_count;
    struct listing_cell *cells; /* row by row; malloc'd; texts are static or those of `look` */
    size_t row_count;
    const struct look *look;
};

/* The table of LOOK, which has to stay as it is. Free with listing_free. */
struct listing listing_make(const struct look *look, enum listing_kind kind);
void listing_free(struct listing *listing);

/* By COLUMN, numbers the largest first and texts by the alphabet, or BACKWARDS. Rows that are equal stay as they are.
 */
void listing_sort(struct listing *listing, size_t column, bool backwards);

/* Who reads a cell: people, whose terminal has UTF-8 or not, or a program. */
enum listing_reader { LISTING_FOR_UTF8, LISTING_FOR_ASCII, LISTING_FOR_PROGRAM };

/* Writes the cell into TEXT; returns TEXT. */
#define LISTING_CELL 128
const char *listing_show(const struct listing *listing, size_t row, size_t column, enum listing_reader reader,
                         char text[LISTING_CELL]);

static inline bool listing_is_text(enum listing_format format)
{
    return format == LISTING_TEXT || format == LISTING_PICTURE;
}

#endif
