/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See map.h. */
#include "config.h"

#include "cli/inspect/map.h"

#include "cli/inspect/listing.h"
#include "cli/inspect/map_parts.h"
#include "cli/inspect/print.h"
#include "cli/output/units.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum map_format map_format_of(const char *path)
{
    const char *ending = strrchr(path, '.');
    if (ending && strcmp(ending, ".svg") == 0)
        return MAP_SVG;
    return ending && strcmp(ending, ".html") == 0 ? MAP_HTML : MAP_NONE;
}

void map_put_text(FILE *stream, const char *text)
{
    for (; *text; text++) {
        if (*text == '<')
            fputs("&lt;", stream);
        else if (*text == '&')
            fputs("&amp;", stream);
        else if (*text == '>')
            fputs("&gt;", stream);
        else
            fputc(*text, stream);
    }
}

/* Who it is, and when. */
static void put_title(const struct map *map)
{
    char when[64];
    time_t now = time(NULL);
    struct tm broken;
    gmtime_r(&now, &broken);
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &broken);
    map_put_text(map->stream, map->target->program);
    fprintf(map->stream, " (process %d), ", (int)map->target->pid);
    map_put_text(map->stream, when);
}

static void put_sums(const struct map *map)
{
    const struct snapshot_figures *figures = &map->look->now.figures;
    const struct {
        const char *name;
        uint64_t bytes;
    } sums[] = {{"mapped", figures->mapped_bytes},
                {" = allocated", figures->allocated_bytes},
                {" + cached", figures->cached_bytes},
                {" + free", figures->free_bytes},
                {" + rounding", figures->rounding_bytes},
                {" + retained", figures->retained_bytes},
                {" + metadata", map->look->now.counts.metadata_bytes}};
    char size[UNITS_TEXT];
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        fprintf(map->stream, "%s %s", sums[i].name, units_size(sums[i].bytes, size, sizeof size));
}

static void put_doubt(const struct map *map)
{
    char doubt[INSPECT_DOUBT];
    if (*inspect_doubt(map->look, doubt)) {
        fputs("; ", map->stream);
        map_put_text(map->stream, doubt);
    }
}

/* --- SVG ---------------------------------------------------------------------------------------------------------- */

#define TITLE 56 /* height of the title and the sums */

static void begin_svg(const struct map *map, int height)
{
    fprintf(map->stream,
            "<svg class=\"map\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\">\n<title>",
            MAP_WIDTH, height, MAP_WIDTH, height);
    put_title(map);
    fputs("</title>\n", map->stream);
}

static void write_svg(struct map *map)
{
    int height = TITLE + map_legend_height(map->look) + map_rows_height(map->look) + MAP_MARGIN;
    begin_svg(map, height);
    fputs("<style>\n", map->stream);
    map_put_style(map);
    fputs("</style>\n", map->stream);
    map_put_patterns(map->stream);
    fprintf(map->stream, "<text class=\"h\" x=\"%d\" y=\"22\">", MAP_MARGIN);
    put_title(map);
    fprintf(map->stream, "</text>\n<text x=\"%d\" y=\"40\">", MAP_MARGIN);
    put_sums(map);
    put_doubt(map);
    fputs("</text>\n", map->stream);
    map->y = TITLE;
    map_draw_legend(map);
    map_draw_rows(map);
    fputs("</svg>\n", map->stream);
}

/* --- HTML --------------------------------------------------------------------------------------------------------- */

static const char page_style[] =
    ":root{color-scheme:light dark}"
    "body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:1300px;color:#222;background:#fff}"
    "h1{font-size:1.4rem;margin:.2em 0}h2{font-size:1.1rem}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "th,td{padding:.15em .7em;text-align:right;white-space:nowrap;border-bottom:1px solid #ddd}"
    "th.l,td.l{text-align:left}"
    ".legend{display:flex;flex-wrap:wrap;gap:.2em 1.2em;list-style:none;padding:0}"
    "details{margin:.6em 0}summary{cursor:pointer;font-weight:bold}\n"
    "@media screen and (prefers-color-scheme:dark){body{color:#d8dbe2;background:#16181d}th,td{border-color:#33373f}}\n"
    "@media print{body{max-width:none;color:#000;background:#fff}.wide{overflow:visible}"
    ".wide>svg{width:100%;height:auto}}\n";

static void put_cell(FILE *stream, const char *tag, const struct listing_column *column, const char *text)
{
    fprintf(stream, "<%s%s>", tag, listing_is_text(column->format) ? " class=\"l\"" : "");
    map_put_text(stream, text);
    fprintf(stream, "</%s>", tag);
}

static void put_listing(const struct map *map, enum listing_kind kind)
{
    char text[LISTING_CELL];
    struct listing listing = listing_make(map->look, kind);
    fputs("<div class=\"wide\"><table>\n<thead><tr>", map->stream);
    for (size_t column = 0; column < listing.column_count; column++)
        put_cell(map->stream, "th", &listing.columns[column], listing.columns[column].name);
    fputs("</tr></thead>\n<tbody>\n", map->stream);
    for (size_t row = 0; row < listing.row_count; row++) {
        fputs("<tr>", map->stream);
        for (size_t column = 0; column < listing.column_count; column++)
            put_cell(map->stream, "td", &listing.columns[column],
                     listing_show(&listing, row, column, LISTING_FOR_UTF8, text));
        fputs("</tr>\n", map->stream);
    }
    fputs("</tbody></table></div>\n", map->stream);
    listing_free(&listing);
}

static void put_details(const struct map *map, const char *name, enum listing_kind kind)
{
    fprintf(map->stream, "<details><summary>%s</summary>\n", name);
    put_listing(map, kind);
    fputs("</details>\n", map->stream);
}

static void put_head(const struct map *map)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
          map->stream);
    put_title(map);
    fputs("</title>\n<style>\n", map->stream);
    fputs(page_style, map->stream);
    map_put_style(map);
    fputs("</style>\n</head>\n<body>\n<h1>", map->stream);
    put_title(map);
    fprintf(map->stream, "</h1>\n<p>libhakmem %s, profile ", map->target->layout.root.library);
    map_put_text(map->stream, map->look->now.profile);
    put_doubt(map);
    fputs("</p>\n<p>", map->stream);
    put_sums(map);
    fputs("</p>\n", map->stream);
}

static void write_html(struct map *map)
{
    put_head(map);
    fputs("<h2>The heap</h2>\n<p>Each row is a SuperSlab, each cell a slab or a large block. The colour is that of the "
          "size class, and a slab is filled as far as its blocks are in use or in threads' caches.</p>\n",
          map->stream);
    map_put_legend(map);
    fputs("<div class=\"wide\" tabindex=\"0\">\n", map->stream);
    begin_svg(map, map_rows_height(map->look) + MAP_MARGIN);
    map_put_patterns(map->stream);
    map->y = 0;
    map_draw_rows(map);
    fputs("</svg>\n</div>\n<h2>Figures</h2>\n", map->stream);
    put_details(map, "Memory", LISTING_MEMORY);
    put_details(map, "Size classes", LISTING_CLASSES);
    put_details(map, "Threads", LISTING_THREADS);
    fputs("</body>\n</html>\n", map->stream);
}

size_t map_write(FILE *stream, enum map_format format, const struct look *look, const struct target *target)
{
    struct map map = {.stream = stream, .look = look, .target = target};
    if (format == MAP_SVG)
        write_svg(&map);
    else
        write_html(&map);
    return map.left_out;
}
