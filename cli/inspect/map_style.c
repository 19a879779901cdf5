/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The colours of the picture, and what they mean. See map_parts.h. */
#include "config.h"

#include "cli/inspect/map_parts.h"
#include "cli/output/units.h"

#include <math.h>

/* Hues from blue, of the shortest blocks, to red; neighbours differ in lightness as well. */
#define FIRST_HUE 240.0
#define LAST_HUE 0.0

#define SWATCH 112 /* width of an entry of the legend */
#define LEGEND_ROW 18

/* --- colours ------------------------------------------------------------------------------------------------------ */

/* One of the three parts of a colour in HSL, 0 to 255; SHIFT: 0 red, 8 green, 4 blue (CSS Color 4, hslToRgb). */
static int part_of(double hue, double saturation, double lightness, double shift)
{
    double k = fmod(shift + hue / 30, 12), a = saturation * fmin(lightness, 1 - lightness);
    return (int)lround(255 * (lightness - a * fmax(-1, fmin(fmin(k - 3, 9 - k), 1))));
}

static void put_color(FILE *stream, double hue, double saturation, double lightness)
{
    fprintf(stream, "#%02x%02x%02x", part_of(hue, saturation, lightness, 0), part_of(hue, saturation, lightness, 8),
            part_of(hue, saturation, lightness, 4));
}

static bool has_slabs(const struct snapshot *now, size_t class)
{
    return now->classes[class].counts.slabs != 0 || now->classes[class].seen_slabs != 0;
}

static size_t count_classes(const struct snapshot *now)
{
    size_t count = 0;
    for (size_t i = 0; i < now->class_count; i++)
        count += has_slabs(now, i);
    return count;
}

/* The rules of all classes, the lightness of what is full and of what is free in a slab for two neighbours. */
static void put_classes(const struct map *map, const double full[2], double free)
{
    const struct snapshot *now = &map->look->now;
    size_t count = count_classes(now), number = 0;
    for (size_t i = 0; i < now->class_count; i++) {
        if (!has_slabs(now, i))
            continue;
        double hue = FIRST_HUE + (LAST_HUE - FIRST_HUE) * (count > 1 ? (double)number / (double)(count - 1) : 0);
        fprintf(map->stream, ".k%zu .b{fill:", i);
        put_color(map->stream, hue, 0.45, free);
        fprintf(map->stream, "}.k%zu .f{fill:", i);
        put_color(map->stream, hue, 0.6, full[number % 2]);
        fputs("}\n", map->stream);
        number++;
    }
}

static const char light[] =
    ".map{background:#fff}.map text{fill:#333}.map .h{fill:#111}"
    ".large .b,.large .f{fill:#64748b}.fresh .b{fill:#fff;stroke:#ddd}"
    ".released .b{fill:#fff;stroke:#999;stroke-dasharray:2 2}.moving .b,.moving .f{fill:#e11d48}"
    ".hatch{stroke:#b45309}.ground{fill:#fde9c8}.dot{fill:#b45309}\n";
static const char dark[] =
    ".map{background:#16181d}.map text{fill:#c8ccd4}.map .h{fill:#fff}"
    ".large .b,.large .f{fill:#94a3b8}.fresh .b{fill:#16181d;stroke:#33373f}"
    ".released .b{fill:#16181d;stroke:#777;stroke-dasharray:2 2}.moving .b,.moving .f{fill:#fb7185}"
    ".hatch{stroke:#f5c26b}.ground{fill:#3d3220}.dot{fill:#f5c26b}\n";

void map_put_style(const struct map *map)
{
    static const double light_full[2] = {0.42, 0.52}, dark_full[2] = {0.6, 0.5};
    fputs(".map text{font:10px ui-monospace,monospace}.map .h{font:bold 13px system-ui,sans-serif}"
          ".kept .b{fill:url(#kept)}.lazy .b{fill:url(#lazy)}\n",
          map->stream);
    fputs(light, map->stream);
    put_classes(map, light_full, 0.88);
    fputs("@media screen and (prefers-color-scheme:dark){\n", map->stream);
    fputs(dark, map->stream);
    put_classes(map, dark_full, 0.2);
    fputs("}\n", map->stream);
}

void map_put_patterns(FILE *stream)
{
    fputs("<defs><pattern id=\"kept\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
          "patternTransform=\"rotate(45)\"><rect class=\"ground\" width=\"5\" height=\"5\"/><path class=\"hatch\" "
          "d=\"M0 0V5\" stroke-width=\"2\"/></pattern>"
          "<pattern id=\"lazy\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\"><rect class=\"ground\" "
          "width=\"5\" height=\"5\"/><circle class=\"dot\" cx=\"2.5\" cy=\"2.5\" r=\"1\"/></pattern></defs>\n",
          stream);
}

/* --- legend ------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *class, *text;
} others[] = {{"large", "large block"}, {"kept", "retained"},    {"lazy", "lazily freed"},
              {"released", "released"}, {"fresh", "never used"}, {"moving", "not known"}};
#define OTHERS (sizeof others / sizeof *others)

static size_t entries_in_row(void)
{
    return (MAP_WIDTH - 2 * MAP_MARGIN) / SWATCH;
}

int map_legend_height(const struct look *look)
{
    size_t rows = (count_classes(&look->now) + OTHERS + entries_in_row() - 1) / entries_in_row();
    return (int)rows * LEGEND_ROW + LEGEND_ROW;
}

/* Entry NUMBER of the legend: a half-filled cell of the class, or of another kind, and its name. */
static void draw_entry(const struct map *map, size_t number, const char *class, const char *text, bool half)
{
    int x = MAP_MARGIN + (int)(number % entries_in_row()) * SWATCH;
    int y = map->y + (int)(number / entries_in_row()) * LEGEND_ROW;
    fprintf(map->stream, "<g class=\"%s\"><rect class=\"b\" x=\"%d\" y=\"%d\" width=\"24\" height=\"%d\"/>", class, x,
            y, MAP_CELL);
    if (half)
        fprintf(map->stream, "<rect class=\"f\" x=\"%d\" y=\"%d\" width=\"12\" height=\"%d\"/>", x, y, MAP_CELL);
    fprintf(map->stream, "</g><text x=\"%d\" y=\"%d\">%s</text>\n", x + 29, y + MAP_CELL - 2, text);
}

static void name_class(const struct snapshot *now, size_t index, char name[16], char text[UNITS_TEXT])
{
    uint32_t size = now->classes[index].size;
    snprintf(name, 16, "k%zu", index);
    if (size < 1024)
        snprintf(text, UNITS_TEXT, "%u B", size);
    else
        units_size(size, text, UNITS_TEXT);
}

void map_draw_legend(struct map *map)
{
    const struct snapshot *now = &map->look->now;
    char name[16], text[UNITS_TEXT];
    size_t number = 0;
    for (size_t i = 0; i < now->class_count; i++) {
        if (!has_slabs(now, i))
            continue;
        name_class(now, i, name, text);
        draw_entry(map, number++, name, text, true);
    }
    for (size_t i = 0; i < OTHERS; i++)
        draw_entry(map, number++, others[i].class, others[i].text, false);
    map->y += map_legend_height(map->look);
}

static void put_entry(FILE *stream, const char *class, const char *text, bool half)
{
    fprintf(stream,
            "<li><svg class=\"map\" width=\"24\" height=\"12\" aria-hidden=\"true\"><g class=\"%s\"><rect class=\"b\" "
            "x=\"0.5\" y=\"0.5\" width=\"23\" height=\"11\"/>%s</g></svg> %s</li>\n",
            class, half ? "<rect class=\"f\" x=\"0.5\" y=\"0.5\" width=\"12\" height=\"11\"/>" : "", text);
}

void map_put_legend(const struct map *map)
{
    const struct snapshot *now = &map->look->now;
    char name[16], text[UNITS_TEXT];
    fputs("<ul class=\"legend\">\n", map->stream);
    for (size_t i = 0; i < now->class_count; i++) {
        if (!has_slabs(now, i))
            continue;
        name_class(now, i, name, text);
        put_entry(map->stream, name, text, true);
    }
    for (size_t i = 0; i < OTHERS; i++)
        put_entry(map->stream, others[i].class, others[i].text, false);
    fputs("</ul>\n", map->stream);
}
