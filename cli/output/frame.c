/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See frame.h. */
#include "cli/output/frame.h"

#include "cli/output/memory.h"
#include "cli/output/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_ITEM 2048
#define LONGEST_SEQUENCE 16 /* of a style, begin and end */

struct item {
    char text[LONGEST_ITEM];
    enum style style;
};

static size_t most_lines(const struct frame *frame)
{
    return frame->most_lines < FRAME_MAX_LINES ? frame->most_lines : FRAME_MAX_LINES;
}

size_t frame_lines(const struct frame *frame)
{
    return frame->count < most_lines(frame) ? frame->count : most_lines(frame);
}

void frame_free(struct frame *frame)
{
    free(frame->lines);
    frame->lines = NULL;
    frame->room = frame->count = 0;
}

/* The line that is being composed; NULL: none, or there is no more room on it. */
static struct frame_line *open_line(struct frame *frame)
{
    if (frame->count == 0 || frame->count > most_lines(frame))
        return NULL;
    struct frame_line *line = &frame->lines[frame->count - 1];
    return line->is_full ? NULL : line;
}

void frame_begin_line(struct frame *frame)
{
    frame->count++;
    if (frame->count > most_lines(frame))
        return;
    if (frame->count > frame->room) {
        frame->room = frame->room ? 2 * frame->room : 4;
        frame->lines = must_have(reallocarray(frame->lines, frame->room, sizeof *frame->lines));
    }
    struct frame_line *line = &frame->lines[frame->count - 1];
    line->text[0] = '\0';
    line->length = line->width = 0;
    line->is_full = false;
}

size_t frame_room(const struct frame *frame)
{
    if (frame->count == 0 || frame->count > most_lines(frame))
        return 0;
    const struct frame_line *line = &frame->lines[frame->count - 1];
    return line->is_full || line->width >= frame->columns ? 0 : frame->columns - line->width;
}

static bool append(struct frame *frame, struct frame_line *line, const struct item *item)
{
    size_t bytes = strlen(item->text);
    if (line->length + bytes + LONGEST_SEQUENCE > sizeof line->text)
        return false;
    char *end = stpcpy(line->text + line->length, style_begin(item->style, frame->color));
    end = stpcpy(end, item->text);
    end = stpcpy(end, style_end(item->style, frame->color));
    line->length = (size_t)(end - line->text);
    line->width += utf8_width(item->text, bytes);
    return true;
}

/* Cuts TEXT to COLUMNS, an ellipsis among them. */
static void cut(char *text, size_t columns, bool utf8)
{
    const char *ellipsis = utf8 ? "…" : ">";
    size_t at = 0, width = 0;
    for (;;) {
        uint32_t character;
        size_t bytes = utf8_next(text + at, &character), more = utf8_character_width(character);
        if (width + more + 1 > columns)
            break;
        width += more;
        at += bytes;
    }
    if (at + strlen(ellipsis) < LONGEST_ITEM)
        strcpy(text + at, columns > 0 ? ellipsis : "");
}

/* MOST: columns to which it may be cut; 0: it may not. */
static void put(struct frame *frame, struct item *item, size_t most)
{
    struct frame_line *line = open_line(frame);
    if (!line)
        return;
    size_t room = frame_room(frame), columns = most && most < room ? most : room;
    utf8_clean(item->text, frame->utf8);
    if (utf8_width(item->text, strlen(item->text)) > columns) {
        line->is_full = columns == room;
        if (!most)
            return;
        cut(item->text, columns, frame->utf8);
    }
    if (!append(frame, line, item))
        line->is_full = true;
}

void frame_put(struct frame *frame, enum style style, const char *format, ...)
{
    struct item item = {.style = style};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(item.text, sizeof item.text, format, arguments);
    va_end(arguments);
    put(frame, &item, 0);
}

void frame_put_cut(struct frame *frame, size_t most, enum style style, const char *format, ...)
{
    struct item item = {.style = style};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(item.text, sizeof item.text, format, arguments);
    va_end(arguments);
    put(frame, &item, most);
}
