/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines that fit on a terminal: composed from the left, item by item, and never wider than they may be. What is
 * put there may come from anybody: control characters and bytes that are not UTF-8 become '?'.
 *
 * A frame belongs to one thread at a time. Running out of memory ends the program. Below: style, utf8, memory. */
#ifndef HAK_OUTPUT_FRAME_H
#define HAK_OUTPUT_FRAME_H

#include "cli/output/style.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX_LINES 512
#define FRAME_LINE_BYTES 4096

struct frame_line {
    char text[FRAME_LINE_BYTES]; /* with the sequences that colour it */
    size_t length;
    size_t width; /* columns */
    bool is_full; /* something did not fit; nothing more is put there */
};

struct frame {
    size_t columns, most_lines; /* what it may take */
    bool utf8, color;
    size_t count; /* lines begun */
    size_t room;  /* lines that there is memory for */
    struct frame_line *lines;
};

/* Gives the lines' memory back; the frame has none then. */
void frame_free(struct frame *frame);

/* Lines that can be shown: of those begun the ones that are not too many. */
size_t frame_lines(const struct frame *frame);

/* Begins the next line; one too many swallows what is put there. */
void frame_begin_line(struct frame *frame);

/* Appends an item to the line, whole or, where it does not fit, not at all. */
void frame_put(struct frame *frame, enum style style, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same, but the end of what does not fit into MOST columns, or on the line, is left out; an ellipsis says so. */
#define FRAME_REST_OF_LINE SIZE_MAX
void frame_put_cut(struct frame *frame, size_t most, enum style style, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Columns that are left on the line. */
size_t frame_room(const struct frame *frame);

#endif
