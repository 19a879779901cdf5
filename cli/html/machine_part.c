/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See machine_part.h. */
#include "config.h"

#include "cli/html/machine_part.h"

#include "cli/html/page.h"
#include "cli/output/html.h"
#include "cli/output/json.h"
#include "cli/output/units.h"

#include <inttypes.h>
#include <string.h>

#define CELL 64

/* More processing units are not drawn: the table says who shares what. */
#define MOST_DRAWN 32

/* --- cells -------------------------------------------------------------------------------------------------------- */

static const char *size_cell(const json_t *object, const char *key, char *text)
{
    char size[UNITS_TEXT];
    uint64_t bytes = json_count_at(object, key);
    snprintf(text, CELL, "%s", bytes ? units_size(bytes, size, sizeof size) : "-");
    return text;
}

static const char *count_cell(const json_t *object, const char *key, char *text)
{
    snprintf(text, CELL, "-");
    if (json_is_integer(json_object_get(object, key)))
        snprintf(text, CELL, "%" PRIu64, json_count_at(object, key));
    return text;
}

/* A number of ways, or "full". */
static const char *ways_cell(const json_t *object, char *text)
{
    return json_is_string(json_object_get(object, "ways")) ? json_text_at(object, "ways", "-")
                                                           : count_cell(object, "ways", text);
}

static void name_cache(const json_t *cache, char *text)
{
    snprintf(text, CELL, "L%" PRIu64 "%s", json_count_at(cache, "level"),
             strcmp(json_text_at(cache, "kind", ""), "data") == 0 ? "d" : "");
}

/* --- who shares what, as a picture -------------------------------------------------------------------------------- */

/* Whether COUNT caches, each of SHARED processing units, are those of all UNITS. */
static bool fits(const json_t *cache, uint64_t units)
{
    return json_count_at(cache, "count") * json_count_at(cache, "shared_by") == units;
}

static bool can_draw(const json_t *topology, uint64_t units)
{
    const json_t *caches = json_object_get(topology, "caches"), *cache;
    size_t index;
    json_array_foreach(caches, index, cache)
    {
        if (!fits(cache, units))
            return false;
    }
    return units > 0 && units <= MOST_DRAWN && json_array_size(caches) > 0;
}

static void draw_row(FILE *stream, const char *name, uint64_t count, uint64_t span, const char *text)
{
    fprintf(stream, "<span class=\"level\">%s</span>", name);
    for (uint64_t i = 0; i < count; i++) {
        fprintf(stream, "<span class=\"box\" style=\"grid-column:span %" PRIu64 "\">", span);
        html_text(stream, text);
        fputs("</span>", stream);
    }
    fputc('\n', stream);
}

/* A column for each processing unit; a cache is as wide as those that share it. */
static void draw(FILE *stream, const json_t *topology)
{
    uint64_t units = json_count_at(topology, "processing_units");
    const json_t *caches = json_object_get(topology, "caches");
    char size[CELL], name[CELL];
    if (!can_draw(topology, units))
        return;
    fprintf(
        stream,
        "<div class=\"scroll\"><div class=\"shares\" role=\"img\" aria-label=\"Caches over the processing units that "
        "share them\" style=\"grid-template-columns:auto repeat(%" PRIu64 ",minmax(2.2rem,1fr))\">\n",
        units);
    for (size_t i = json_array_size(caches); i-- > 0;) {
        const json_t *cache = json_array_get(caches, i);
        name_cache(cache, name);
        draw_row(stream, name, json_count_at(cache, "count"), json_count_at(cache, "shared_by"),
                 size_cell(cache, "size", size));
    }
    draw_row(stream, "units", units, 1, "");
    fputs("</div></div>\n", stream);
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

static void write_caches(FILE *stream, const json_t *topology)
{
    const json_t *caches = json_object_get(topology, "caches"), *cache;
    char cells[6][CELL];
    size_t index;
    if (json_array_size(caches) == 0)
        return;
    struct table *table =
        table_new((const char *const[]){"Cache", "Count", "Size", "Line", "Ways", "Shared by", NULL}, "lrrrrr");
    json_array_foreach(caches, index, cache)
    {
        name_cache(cache, cells[0]);
        table_add(table,
                  (const char *const[]){cells[0], count_cell(cache, "count", cells[1]),
                                        size_cell(cache, "size", cells[2]), size_cell(cache, "line_size", cells[3]),
                                        ways_cell(cache, cells[4]), count_cell(cache, "shared_by", cells[5])});
    }
    page_table(stream, table, "Caches", "narrow");
}

static void write_tlb(FILE *stream, const json_t *topology)
{
    const json_t *figures = json_object_get(topology, "tlb"), *figure;
    char cells[6][CELL];
    size_t index;
    if (json_array_size(figures) == 0)
        return;
    struct table *table =
        table_new((const char *const[]){"Data TLB", "Pages", "Entries", "Ways", "Reach", "Source", NULL}, "lrrrrl");
    json_array_foreach(figures, index, figure)
    {
        snprintf(cells[0], CELL, "L%" PRIu64, json_count_at(figure, "level"));
        table_add(table,
                  (const char *const[]){cells[0], size_cell(figure, "page_size", cells[1]),
                                        count_cell(figure, "entries", cells[2]), ways_cell(figure, cells[3]),
                                        size_cell(figure, "reach", cells[4]), json_text_at(figure, "source", "-")});
    }
    page_table(stream, table, "TLB", "narrow");
}

static void add_fact(struct table *table, const char *what, const char *text)
{
    table_add(table, (const char *const[]){what, text});
}

static void add_counts(struct table *table, const json_t *topology)
{
    char text[3 * CELL], size[CELL];
    snprintf(text, sizeof text, "%" PRIu64 " in %" PRIu64 " package%s, %" PRIu64 " processing units of %" PRIu64,
             json_count_at(topology, "cores"), json_count_at(topology, "packages"),
             json_count_at(topology, "packages") == 1 ? "" : "s", json_count_at(topology, "processing_units"),
             json_count_at(topology, "processing_units_of_machine"));
    add_fact(table, "Cores", text);
    snprintf(text, sizeof text, "%s in %zu NUMA node%s", size_cell(topology, "memory", size),
             json_array_size(json_object_get(topology, "numa_nodes")),
             json_array_size(json_object_get(topology, "numa_nodes")) == 1 ? "" : "s");
    add_fact(table, "Memory", text);
}

static void add_kernel(struct table *table, const json_t *topology)
{
    const json_t *huge = json_object_get(topology, "transparent_huge_pages");
    const json_t *group = json_object_get(topology, "control_group");
    char text[3 * CELL], size[CELL];
    snprintf(text, sizeof text, "%s, defrag: %s, of %s", json_text_at(huge, "enabled", "none"),
             json_text_at(huge, "defrag", "none"), size_cell(huge, "size", size));
    add_fact(table, "Transparent huge pages", text);
    if (json_count_at(group, "memory"))
        add_fact(table, "Control group's memory", size_cell(group, "memory", size));
    if (json_number_at(group, "processors", 0) > 0) {
        snprintf(text, sizeof text, "%.2f", json_number_at(group, "processors", 0));
        add_fact(table, "Control group's processors", text);
    }
}

/* Kinds of cores, where they differ. */
static void add_kinds(struct table *table, const json_t *topology)
{
    const json_t *kinds = json_object_get(topology, "core_kinds"), *kind;
    char text[2 * CELL];
    size_t index;
    if (json_array_size(kinds) < 2)
        return;
    json_array_foreach(kinds, index, kind)
    {
        snprintf(text, sizeof text, "%" PRIu64 " cores, %" PRIu64 " processing units", json_count_at(kind, "cores"),
                 json_count_at(kind, "processing_units"));
        add_fact(table, json_text_at(kind, "name", "Cores of another kind"), text);
    }
}

void machine_part_write(FILE *stream, const json_t *topology)
{
    if (!json_is_object(topology))
        return;
    struct table *table = table_new((const char *const[]){"Machine", "", NULL}, "ll");
    add_fact(table, "Processor", json_text_at(topology, "model", "not known"));
    add_counts(table, topology);
    add_kinds(table, topology);
    add_kernel(table, topology);
    page_table(stream, table, "Machine", "narrow");
    draw(stream, topology);
    write_caches(stream, topology);
    write_tlb(stream, topology);
}
