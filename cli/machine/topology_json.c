/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See topology_json.h. */
#include "cli/machine/topology_json.h"

#include "cli/machine/counters.h"
#include "cli/output/memory.h"

#include <stdlib.h>

static json_t *number_or_null(uint64_t value)
{
    return value ? json_integer((json_int_t)value) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

/* hwloc's -1 is "fully associative". */
static json_t *ways(int value)
{
    return value < 0 ? json_string("full") : number_or_null((uint64_t)value);
}

static json_t *caches(const struct machine_topology *topology)
{
    json_t *list = json_array();
    for (size_t i = 0; i < topology->cache_count; i++) {
        const struct machine_cache *cache = &topology->caches[i];
        json_array_append_new(list, json_pack("{s:i, s:s, s:i, s:I, s:o, s:o, s:i}", "level", (int)cache->level, "kind",
                                              cache->unified ? "unified" : "data", "count", (int)cache->count, "size",
                                              (json_int_t)cache->size, "line_size", number_or_null(cache->line_size),
                                              "ways", ways(cache->associativity), "shared_by", (int)cache->shared_by));
    }
    return list;
}

static json_t *kinds(const struct machine_topology *topology)
{
    json_t *list = json_array();
    for (size_t i = 0; i < topology->kind_count; i++) {
        const struct machine_core_kind *kind = &topology->kinds[i];
        json_array_append_new(list, json_pack("{s:o, s:i, s:i, s:i}", "name", text_or_null(kind->name), "efficiency",
                                              kind->efficiency, "cores", (int)kind->cores, "processing_units",
                                              (int)kind->processing_units));
    }
    return list;
}

static json_t *nodes(const struct machine_topology *topology)
{
    json_t *list = json_array();
    for (size_t i = 0; i < topology->node_count; i++) {
        const struct machine_node *node = &topology->nodes[i];
        json_array_append_new(list,
                              json_pack("{s:i, s:I, s:i}", "number", (int)node->number, "memory",
                                        (json_int_t)node->memory, "processing_units", (int)node->processing_units));
    }
    return list;
}

static json_t *page_sizes(const struct machine_topology *topology)
{
    json_t *list = json_array();
    for (size_t i = 0; i < topology->page_size_count; i++)
        json_array_append_new(list, json_integer((json_int_t)topology->page_sizes[i]));
    return list;
}

static json_t *tlb_figures(const struct tlb *tlb)
{
    json_t *list = json_array();
    for (unsigned level = 0; level < TLB_LEVELS; level++) {
        for (unsigned page = 0; page < TLB_PAGE_SIZES; page++) {
            const struct tlb_figure *figure = &tlb->data[level][page];
            bool full = figure->ways == TLB_FULLY_ASSOCIATIVE;
            json_int_t reach = (json_int_t)tlb_reach(tlb, level, (enum tlb_page)page);
            json_array_append_new(
                list, json_pack("{s:i, s:I, s:o, s:o, s:o, s:s}", "level", (int)level + 1, "page_size",
                                (json_int_t)tlb_page_bytes((enum tlb_page)page), "entries",
                                figure->known ? json_integer(figure->entries) : json_null(), "ways",
                                ways(full ? -1 : (int)figure->ways), "reach",
                                figure->known ? json_integer(reach) : json_null(), "source", figure->source));
        }
    }
    return list;
}

static json_t *pools(const struct kernel_memory *kernel)
{
    json_t *list = json_array();
    for (size_t i = 0; i < kernel->pool_count; i++)
        json_array_append_new(list,
                              json_pack("{s:I, s:I, s:I}", "page_size", (json_int_t)kernel->pools[i].page_size, "total",
                                        (json_int_t)kernel->pools[i].total, "free", (json_int_t)kernel->pools[i].free));
    return list;
}

/* By name: true, or why it is not counted. */
static json_t *processor_counters(void)
{
    static const char *const keys[COUNTERS] = {"instructions", "cache_misses", "tlb_misses"};
    json_t *object = json_object();
    for (enum counter counter = 0; counter < COUNTERS; counter++) {
        char reason[COUNTERS_REASON];
        counters_explain(counter, reason, sizeof reason);
        json_object_set_new(object, keys[counter], reason[0] ? json_string(reason) : json_true());
    }
    return object;
}

json_t *topology_json(const struct machine *machine)
{
    const struct machine_topology *topology = &machine->topology;
    const struct kernel_memory *kernel = &machine->kernel;
    json_t *object =
        json_pack("{s:o, s:b, s:i, s:i, s:i, s:i, s:i, s:o}", "model", text_or_null(topology->model), "this_machine",
                  (int)topology->this_machine, "packages", (int)topology->packages, "cores", (int)topology->cores,
                  "threads_per_core", (int)topology->threads_per_core, "processing_units",
                  (int)topology->processing_units, "processing_units_of_machine",
                  (int)topology->processing_units_of_machine, "bound_to", number_or_null(topology->bound_to));
    json_object_set_new(object, "core_kinds", kinds(topology));
    json_object_set_new(object, "caches", caches(topology));
    json_object_set_new(object, "tlb", tlb_figures(&machine->tlb));
    json_object_set_new(object, "tlb_note", text_or_null(machine->tlb.note));
    json_object_set_new(object, "memory", json_integer((json_int_t)topology->memory));
    json_object_set_new(object, "numa_nodes", nodes(topology));
    json_object_set_new(object, "page_sizes", page_sizes(topology));
    json_object_set_new(object, "transparent_huge_pages",
                        json_pack("{s:o, s:o, s:o}", "enabled", text_or_null(kernel->transparent), "defrag",
                                  text_or_null(kernel->transparent_defrag), "size",
                                  number_or_null(kernel->transparent_size)));
    json_object_set_new(object, "hugetlb", pools(kernel));
    json_object_set_new(object, "control_group",
                        json_pack("{s:o, s:o}", "memory", number_or_null(kernel->memory_limit), "processors",
                                  kernel->cpu_quota > 0 ? json_real(kernel->cpu_quota) : json_null()));
    json_object_set_new(object, "counters", topology->this_machine ? processor_counters() : json_null());
    return object;
}

json_t *topology_json_here(void)
{
    char message[512];
    struct machine *machine = must_have(calloc(1, sizeof *machine));
    json_t *object = machine_read(machine, message, sizeof message) ? topology_json(machine) : json_null();
    free(machine);
    return object;
}
