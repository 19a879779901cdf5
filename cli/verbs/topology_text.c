/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See topology_text.h. */
#include "config.h"

#include "cli/verbs/topology_text.h"

#include "cli/machine/counters.h"
#include "cli/output/memory.h"
#include "cli/output/table.h"
#include "cli/output/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Where the text of a line begins, behind its title. */
#define TEXT_AT 16

static const char *plural(unsigned count)
{
    return count == 1 ? "" : "s";
}

static void print_processors(FILE *stream, const struct machine_topology *topology)
{
    fprintf(stream, "Processor       %s%s\n", topology->model[0] ? topology->model : "not known",
            topology->this_machine ? "" : " (as HWLOC_ variables say, not this machine)");
    if (topology->packages)
        fprintf(stream, "Packages        %u\n", topology->packages);
    fprintf(stream, "Cores           %u", topology->cores);
    if (topology->threads_per_core > 1)
        fprintf(stream, ", up to %u threads each", topology->threads_per_core);
    fprintf(stream, "\nProcessing units %u", topology->processing_units);
    if (topology->processing_units_of_machine > topology->processing_units)
        fprintf(stream, " of %u (a cpuset keeps the others away)", topology->processing_units_of_machine);
    if (topology->bound_to && topology->bound_to < topology->processing_units)
        fprintf(stream, ", this process is bound to %u", topology->bound_to);
    fputc('\n', stream);
}

static void print_kinds(FILE *stream, const struct machine_topology *topology)
{
    if (topology->kind_count < 2)
        return;
    fputs("\nKinds of cores, slowest first\n", stream);
    for (size_t i = 0; i < topology->kind_count; i++) {
        const struct machine_core_kind *kind = &topology->kinds[i];
        fprintf(stream, "  %-14s%u core%s, %u processing unit%s\n", kind->name[0] ? kind->name : "unnamed", kind->cores,
                plural(kind->cores), kind->processing_units, plural(kind->processing_units));
    }
}

static const char *format_ways(int ways, char *text, size_t size)
{
    if (ways < 0)
        snprintf(text, size, "full");
    else if (ways == 0)
        snprintf(text, size, "-");
    else
        snprintf(text, size, "%d", ways);
    return text;
}

static void print_caches(FILE *stream, const struct machine_topology *topology)
{
    static const char *const columns[] = {"Cache", "Count", "Size", "Line", "Ways", "Shared by", NULL};
    if (topology->cache_count == 0) {
        fputs("\nCaches          not known\n", stream);
        return;
    }
    struct table *table = table_new(columns, "lrrrrr");
    for (size_t i = 0; i < topology->cache_count; i++) {
        const struct machine_cache *cache = &topology->caches[i];
        char name[16], count[16], size[UNITS_TEXT], line[24], ways[16], shared[16];
        snprintf(name, sizeof name, "L%u%s", cache->level, cache->unified ? "" : "d");
        snprintf(count, sizeof count, "%u", cache->count);
        snprintf(line, sizeof line, cache->line_size ? "%u" : "-", cache->line_size);
        snprintf(shared, sizeof shared, "%u", cache->shared_by);
        table_add(table, (const char *const[]){name, count, units_size(cache->size, size, sizeof size), line,
                                               format_ways(cache->associativity, ways, sizeof ways), shared});
    }
    fputc('\n', stream);
    table_print(table, stream, OUTPUT_TEXT, table_stream_width(stream));
    table_free(table);
}

static void add_figure(struct table *table, const struct tlb *tlb, unsigned level, enum tlb_page page)
{
    const struct tlb_figure *figure = &tlb->data[level][page];
    char name[16], entries[16], ways[16], reach[UNITS_TEXT];
    snprintf(name, sizeof name, "L%u dTLB", level + 1);
    snprintf(entries, sizeof entries, figure->known ? "%s%u" : "-", figure->measured ? "about " : "", figure->entries);
    format_ways(figure->ways == TLB_FULLY_ASSOCIATIVE ? -1 : (int)figure->ways, ways, sizeof ways);
    table_add(table, (const char *const[]){
                         name, tlb_page_name(page), entries, ways,
                         figure->entries ? units_size(tlb_reach(tlb, level, page), reach, sizeof reach) : "-",
                         figure->source});
}

static void print_tlb(FILE *stream, const struct tlb *tlb)
{
    static const char *const columns[] = {"TLB", "Pages", "Entries", "Ways", "Reach", "Source", NULL};
    struct table *table = table_new(columns, "lrrrrl");
    for (unsigned level = 0; level < TLB_LEVELS; level++)
        for (unsigned page = 0; page < TLB_PAGE_SIZES; page++)
            add_figure(table, tlb, level, (enum tlb_page)page);
    fputc('\n', stream);
    table_print(table, stream, OUTPUT_TEXT, table_stream_width(stream));
    table_free(table);
    if (tlb->note[0])
        table_print_line(stream, "Note: %s.", tlb->note);
}

static void print_memory(FILE *stream, const struct machine_topology *topology)
{
    char size[UNITS_TEXT];
    fprintf(stream, "\nMemory          %s in %u NUMA node%s\n", units_size(topology->memory, size, sizeof size),
            topology->nodes_total, plural(topology->nodes_total));
    for (size_t i = 0; topology->nodes_total > 1 && i < topology->node_count; i++)
        fprintf(stream, "  node %-9u %s, %u processing unit%s\n", topology->nodes[i].number,
                units_size(topology->nodes[i].memory, size, sizeof size), topology->nodes[i].processing_units,
                plural(topology->nodes[i].processing_units));
    fputs("Page sizes      ", stream);
    for (size_t i = 0; i < topology->page_size_count; i++)
        fprintf(stream, "%s%s", i ? ", " : "", units_size(topology->page_sizes[i], size, sizeof size));
    fputc('\n', stream);
}

static void print_kernel(FILE *stream, const struct kernel_memory *kernel)
{
    char size[UNITS_TEXT];
    if (kernel->transparent[0])
        fprintf(stream, "Transparent     %s huge pages: %s (defrag: %s)\n",
                units_size(kernel->transparent_size, size, sizeof size), kernel->transparent,
                kernel->transparent_defrag[0] ? kernel->transparent_defrag : "not known");
    else
        fputs("Transparent     huge pages: not in this kernel\n", stream);
    for (size_t i = 0; i < kernel->pool_count; i++)
        fprintf(stream, "hugetlb         %s pages: %" PRIu64 " set aside, %" PRIu64 " free\n",
                units_size(kernel->pools[i].page_size, size, sizeof size), kernel->pools[i].total,
                kernel->pools[i].free);
    if (kernel->memory_limit)
        fprintf(stream, "Control group   at most %s of memory\n", units_size(kernel->memory_limit, size, sizeof size));
    if (kernel->cpu_quota > 0)
        fprintf(stream, "Control group   at most %.2f processors' time\n", kernel->cpu_quota);
}

/* One line: what the processor counts, and why not the rest. */
static void print_counters(FILE *stream)
{
    char reason[COUNTERS_REASON], last[COUNTERS_REASON] = "";
    const char *separator = "";
    fputs("Counters        ", stream);
    for (enum counter counter = 0; counter < COUNTERS; counter++) {
        counters_explain(counter, reason, sizeof reason);
        if (reason[0]) {
            snprintf(last, sizeof last, "%s", reason);
            continue;
        }
        fprintf(stream, "%s%s", separator, counters_name(counter));
        separator = ", ";
    }
    if (!last[0])
        fputc('\n', stream);
    else
        fprintf(stream, "%s%s: %s\n", separator[0] ? "; " : "", separator[0] ? "no others" : "none", last);
}

static void print_all(FILE *stream, const struct machine *machine)
{
    print_processors(stream, &machine->topology);
    print_kinds(stream, &machine->topology);
    print_caches(stream, &machine->topology);
    print_tlb(stream, &machine->tlb);
    print_memory(stream, &machine->topology);
    print_kernel(stream, &machine->kernel);
    if (machine->topology.this_machine)
        print_counters(stream);
}

/* What goes on of a line stands below its text. */
void topology_print(FILE *stream, const struct machine *machine)
{
    char *text = NULL, *rest;
    size_t size;
    FILE *whole = must_have(open_memstream(&text, &size));
    print_all(whole, machine);
    if (fclose(whole) != 0)
        text = must_have(NULL);
    rest = text;
    for (char *line = strsep(&rest, "\n"); rest; line = strsep(&rest, "\n")) {
        char *folded = table_fold(line, TEXT_AT, table_stream_width(stream));
        fputs(folded, stream);
        free(folded);
    }
    free(text);
}
