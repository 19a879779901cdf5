/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See live.h. */
#include "config.h"

#include "cli/inspect/live.h"

#include "cli/inspect/print.h"
#include "cli/output/keys.h"
#include "cli/output/units.h"
#include "cli/output/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define AS_IT_COMES SIZE_MAX
#define GAP 2 /* blanks between columns */

/* --- keys --------------------------------------------------------------------------------------------------------- */

static void make_listing(struct live *live)
{
    listing_free(&live->listing);
    live->listing = listing_make(live->look, live->kind);
    if (live->sort[live->kind] != AS_IT_COMES)
        listing_sort(&live->listing, live->sort[live->kind], live->backwards[live->kind]);
}

void live_open(struct live *live, const struct target *target, const struct look *look, double interval)
{
    static const size_t cached = 2; /* of threads */
    *live = (struct live){.target = target, .look = look, .interval = interval, .utf8 = utf8_is_wanted(), .page = 1};
    for (size_t i = 0; i < LISTINGS; i++)
        live->sort[i] = i == LISTING_THREADS ? cached : AS_IT_COMES;
    make_listing(live);
}

void live_close(struct live *live)
{
    listing_free(&live->listing);
}

void live_renew(struct live *live)
{
    make_listing(live);
}

/* The next column to sort by, STEP after the one that it is; after the last one comes none. */
static void choose_column(struct live *live, int step)
{
    size_t *sort = &live->sort[live->kind], places = live->listing.column_count + 1;
    size_t place = *sort == AS_IT_COMES ? 0 : *sort + 1;
    do
        place = (place + places + (size_t)(step + (int)places)) % places;
    while (place > 0 && live->listing.columns[place - 1].format == LISTING_PICTURE);
    *sort = place == 0 ? AS_IT_COMES : place - 1;
    live->first[live->kind] = 0;
}

static void scroll(struct live *live, ptrdiff_t rows)
{
    size_t *first = &live->first[live->kind];
    if (rows < 0 && (size_t)-rows > *first)
        *first = 0;
    else
        *first += (size_t)rows;
}

/* Whether KEY chooses a listing. */
static bool choose_listing(struct live *live, int key)
{
    static const char letters[LISTINGS] = {
        [LISTING_CLASSES] = 'c', [LISTING_THREADS] = 't', [LISTING_SUPERSLABS] = 's', [LISTING_MEMORY] = 'm'};
    if (key == KEY_TAB) {
        live->kind = (live->kind + 1) % LISTINGS;
        return true;
    }
    for (size_t i = 0; i < LISTINGS; i++)
        if (key == letters[i]) {
            live->kind = (enum listing_kind)i;
            return true;
        }
    return false;
}

/* Whether KEY chooses an order. */
static bool choose_order(struct live *live, int key)
{
    if (key == '>' || key == KEY_RIGHT)
        choose_column(live, 1);
    else if (key == '<' || key == KEY_LEFT)
        choose_column(live, -1);
    else if (key == 'r')
        live->backwards[live->kind] = !live->backwards[live->kind];
    else
        return false;
    return true;
}

static void move(struct live *live, int key)
{
    if (key == 'j' || key == KEY_DOWN)
        scroll(live, 1);
    else if (key == 'k' || key == KEY_UP)
        scroll(live, -1);
    else if (key == KEY_PAGE_DOWN)
        scroll(live, (ptrdiff_t)live->page);
    else if (key == KEY_PAGE_UP)
        scroll(live, -(ptrdiff_t)live->page);
}

bool live_key(struct live *live, int key)
{
    if (key == 'q' || key == 'Q')
        return false;
    if (choose_listing(live, key) || choose_order(live, key))
        make_listing(live);
    else if (key == ' ')
        live->is_paused = !live->is_paused;
    else
        move(live, key);
    return true;
}

/* --- the sums ----------------------------------------------------------------------------------------------------- */

static const char *size_text(uint64_t bytes, char text[UNITS_TEXT])
{
    if (bytes < 1024)
        snprintf(text, UNITS_TEXT, "%" PRIu64 " B", bytes);
    else
        units_size(bytes, text, UNITS_TEXT);
    return text;
}

static void put_size(struct frame *frame, const char *before, const char *name, uint64_t bytes)
{
    char text[UNITS_TEXT];
    frame_put(frame, STYLE_PLAIN, "%s%s %s", before, name, size_text(bytes, text));
}

static void draw_title(const struct live *live, struct frame *frame)
{
    char doubt[INSPECT_DOUBT];
    const struct snapshot *now = &live->look->now;
    frame_begin_line(frame);
    frame_put(frame, STYLE_BOLD, "%s", live->target->program);
    frame_put(frame, STYLE_PLAIN, " (%d)", (int)live->target->pid);
    frame_put(frame, STYLE_PLAIN, ", libhakmem %s", live->target->layout.root.library);
    frame_put(frame, STYLE_PLAIN, ", profile %s", now->profile);
    frame_put(frame, STYLE_FAINT, live->is_paused ? ", paused" : ", every %g s", live->interval);
    if (*inspect_doubt(live->look, doubt))
        frame_put_cut(frame, FRAME_REST_OF_LINE, STYLE_BAD, "; %s", doubt);
}

static void draw_sums(const struct live *live, struct frame *frame)
{
    const struct snapshot_figures *figures = &live->look->now.figures;
    frame_begin_line(frame);
    put_size(frame, "", "mapped", figures->mapped_bytes);
    put_size(frame, " = ", "allocated", figures->allocated_bytes);
    put_size(frame, " + ", "cached", figures->cached_bytes);
    put_size(frame, " + ", "free", figures->free_bytes);
    frame_begin_line(frame);
    put_size(frame, "  + ", "rounding", figures->rounding_bytes);
    put_size(frame, " + ", "retained", figures->retained_bytes);
    put_size(frame, " + ", "metadata", live->look->now.counts.metadata_bytes);
}

static void draw_pages(const struct live *live, struct frame *frame)
{
    const struct snapshot *now = &live->look->now;
    const struct resident *resident = &live->look->resident;
    frame_begin_line(frame);
    frame_put(frame, STYLE_PLAIN, "SuperSlabs %zu", now->superslab_count);
    put_size(frame, ": ", "retained", now->figures.use_bytes[PAGES_RETAINED]);
    put_size(frame, ", ", "released", now->figures.use_bytes[PAGES_RELEASED] + now->figures.use_bytes[PAGES_LAZY]);
    if (resident->known) {
        put_size(frame, "; ", "process resident", resident->resident_bytes);
        put_size(frame, ", ", "huge", resident->huge_page_bytes);
        put_size(frame, ", ", "lazily freed", resident->lazily_freed_bytes);
    }
}

static void put_rate(const struct live *live, struct frame *frame, const char *before, uint64_t now, uint64_t then,
                     const char *name)
{
    double rate = look_rate(live->look, now, then);
    if (isnan(rate))
        frame_put(frame, STYLE_PLAIN, "%s- %s", before, name);
    else
        frame_put(frame, STYLE_PLAIN, "%s%.0f %s", before, rate, name);
}

static void draw_rates(const struct live *live, struct frame *frame)
{
    const struct snapshot_events *now = &live->look->now.events, *then = &live->look->before.events;
    char text[UNITS_TEXT];
    double purged = look_rate(live->look, now->purged_bytes + now->hole_bytes, then->purged_bytes + then->hole_bytes);
    frame_begin_line(frame);
    put_rate(live, frame, "per second: ", now->refills, then->refills, "refills");
    put_rate(live, frame, ", ", now->drains, then->drains, "drains");
    put_rate(live, frame, ", ", now->refilled_blocks + now->drained_blocks,
             then->refilled_blocks + then->drained_blocks, "blocks moved");
    if (!isnan(purged))
        frame_put(frame, STYLE_PLAIN, ", %s given back", size_text(purged > 0 ? (uint64_t)purged : 0, text));
    put_rate(live, frame, ", ", now->superslabs_mapped, then->superslabs_mapped, "SuperSlabs mapped");
}

/* --- the listing -------------------------------------------------------------------------------------------------- */

struct shown {
    size_t first, count;                /* rows */
    size_t width[LISTING_MOST_COLUMNS]; /* 0: the column is left out */
};

/* The heading of a column, with an arrow where the listing is sorted by it. */
static const char *heading(const struct live *live, size_t column, char text[LISTING_CELL])
{
    bool sorted = live->sort[live->kind] == column, upwards = live->backwards[live->kind];
    if (listing_is_text(live->listing.columns[column].format))
        upwards = !upwards;
    const char *arrow = !sorted ? "" : live->utf8 ? upwards ? "▲" : "▼" : upwards ? "^" : "v";
    snprintf(text, LISTING_CELL, "%s%s", live->listing.columns[column].name, arrow);
    return text;
}

static size_t width_of(const char *text)
{
    return utf8_width(text, strlen(text));
}

/* Columns get wider for what comes, and not narrower: figures that move from look to look are hard to read. */
static void measure(struct live *live, struct shown *shown)
{
    char text[LISTING_CELL];
    for (size_t column = 0; column < live->listing.column_count; column++) {
        size_t width = width_of(heading(live, column, text));
        for (size_t row = 0; row < shown->count; row++) {
            size_t cell = width_of(listing_show(&live->listing, shown->first + row, column,
                                                live->utf8 ? LISTING_FOR_UTF8 : LISTING_FOR_ASCII, text));
            width = cell > width ? cell : width;
        }
        size_t *widest = &live->widest[live->kind][column];
        *widest = width > *widest ? width : *widest;
        shown->width[column] = *widest;
    }
}

/* Another terminal may have room for less. */
static void forget_widths(struct live *live, size_t columns)
{
    if (live->columns == columns)
        return;
    live->columns = columns;
    memset(live->widest, 0, sizeof live->widest);
}

static size_t total_width(const struct live *live, const struct shown *shown)
{
    size_t total = 0;
    for (size_t column = 0; column < live->listing.column_count; column++)
        if (shown->width[column] != 0)
            total += shown->width[column] + (total ? GAP : 0);
    return total;
}

/* Leaves out the columns that matter least, the last ones first, until the others fit. */
static void fit(const struct live *live, struct shown *shown, size_t columns)
{
    while (total_width(live, shown) > columns) {
        size_t least = SIZE_MAX;
        for (size_t column = 0; column < live->listing.column_count; column++)
            if (shown->width[column] != 0 && live->listing.columns[column].rank > 0 &&
                (least == SIZE_MAX || live->listing.columns[column].rank >= live->listing.columns[least].rank))
                least = column;
        if (least == SIZE_MAX)
            return; /* what does not fit is cut */
        shown->width[least] = 0;
    }
}

static void put_cell(struct frame *frame, enum style style, const char *text, size_t width, bool left, bool is_first)
{
    size_t pad = width > width_of(text) ? width - width_of(text) : 0;
    frame_put_cut(frame, FRAME_REST_OF_LINE, style, "%*s%*s%s%*s", is_first ? 0 : GAP, "", left ? 0 : (int)pad, "",
                  text, left ? (int)pad : 0, "");
}

static void draw_row(const struct live *live, const struct shown *shown, size_t row, bool is_heading,
                     struct frame *frame)
{
    bool is_first = true;
    char text[LISTING_CELL];
    frame_begin_line(frame);
    for (size_t column = 0; column < live->listing.column_count; column++) {
        if (shown->width[column] == 0)
            continue;
        if (is_heading)
            heading(live, column, text);
        else
            listing_show(&live->listing, row, column, live->utf8 ? LISTING_FOR_UTF8 : LISTING_FOR_ASCII, text);
        put_cell(frame, is_heading ? STYLE_BOLD : STYLE_PLAIN, text, shown->width[column],
                 listing_is_text(live->listing.columns[column].format), is_first);
        is_first = false;
    }
}

static void draw_tabs(const struct live *live, const struct shown *shown, struct frame *frame)
{
    static const char *const names[LISTINGS] = {[LISTING_CLASSES] = "classes",
                                                [LISTING_THREADS] = "threads",
                                                [LISTING_SUPERSLABS] = "superslabs",
                                                [LISTING_MEMORY] = "memory"};
    frame_begin_line(frame);
    for (size_t i = 0; i < LISTINGS; i++) {
        bool chosen = i == live->kind;
        frame_put(frame, chosen ? STYLE_BOLD : STYLE_FAINT, chosen ? "[%s]" : " %s ", names[i]);
    }
    if (shown->count < live->listing.row_count)
        frame_put(frame, STYLE_PLAIN, " %zu-%zu of %zu", shown->first + 1, shown->first + shown->count,
                  live->listing.row_count);
    frame_put(frame, STYLE_FAINT, "  q quit");
    frame_put(frame, STYLE_FAINT, ", Tab next");
    frame_put(frame, STYLE_FAINT, ", < > sort");
    frame_put(frame, STYLE_FAINT, ", r reverse");
    frame_put(frame, STYLE_FAINT, ", arrows scroll");
    frame_put(frame, STYLE_FAINT, ", space pause");
}

static size_t lines_left(const struct frame *frame)
{
    return frame->count < frame->most_lines ? frame->most_lines - frame->count : 0;
}

void live_draw(void *context, struct frame *frame)
{
    struct live *live = context;
    struct shown shown = {.first = 0};
    draw_title(live, frame);
    draw_sums(live, frame);
    draw_pages(live, frame);
    draw_rates(live, frame);
    size_t room = lines_left(frame) > 2 ? lines_left(frame) - 2 : 0, rows = live->listing.row_count;
    size_t *first = &live->first[live->kind];
    *first = rows <= room ? 0 : *first > rows - room ? rows - room : *first;
    shown.first = *first;
    shown.count = rows - *first < room ? rows - *first : room;
    live->page = room ? room : 1;
    draw_tabs(live, &shown, frame);
    forget_widths(live, frame->columns);
    measure(live, &shown);
    fit(live, &shown, frame->columns);
    draw_row(live, &shown, 0, true, frame);
    for (size_t row = shown.first; row < shown.first + shown.count; row++)
        draw_row(live, &shown, row, false, frame);
}
