/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See topology.h. */
#include "cli/machine/topology.h"

#include <errno.h>
#include <hwloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static unsigned count_of(hwloc_topology_t hwloc, hwloc_obj_type_t type)
{
    int count = hwloc_get_nbobjs_by_type(hwloc, type);
    return count > 0 ? (unsigned)count : 0;
}

static unsigned weight_of(hwloc_const_bitmap_t set)
{
    int weight = set ? hwloc_bitmap_weight(set) : 0;
    return weight > 0 ? (unsigned)weight : 0;
}

static void read_model(hwloc_topology_t hwloc, struct machine_topology *topology)
{
    hwloc_obj_t package = hwloc_get_obj_by_type(hwloc, HWLOC_OBJ_PACKAGE, 0);
    const char *model = package ? hwloc_obj_get_info_by_name(package, "CPUModel") : NULL;
    if (!model)
        model = hwloc_obj_get_info_by_name(hwloc_get_root_obj(hwloc), "CPUModel");
    snprintf(topology->model, sizeof topology->model, "%s", model ? model : "");
    size_t length = strlen(topology->model);
    while (length > 0 && topology->model[length - 1] == ' ') /* CPUID pads the name */
        topology->model[--length] = '\0';
}

static void read_bound(hwloc_topology_t hwloc, struct machine_topology *topology)
{
    hwloc_bitmap_t bound = hwloc_bitmap_alloc();
    if (bound && topology->this_machine && hwloc_get_cpubind(hwloc, bound, HWLOC_CPUBIND_PROCESS) == 0) {
        hwloc_bitmap_and(bound, bound, hwloc_topology_get_topology_cpuset(hwloc));
        topology->bound_to = weight_of(bound);
    }
    hwloc_bitmap_free(bound);
}

static void read_processors(hwloc_topology_t hwloc, struct machine_topology *topology)
{
    topology->packages = count_of(hwloc, HWLOC_OBJ_PACKAGE);
    topology->cores = count_of(hwloc, HWLOC_OBJ_CORE);
    topology->processing_units = count_of(hwloc, HWLOC_OBJ_PU);
    topology->processing_units_of_machine = weight_of(hwloc_topology_get_complete_cpuset(hwloc));
    if (topology->cores == 0) /* some virtual machines and synthetic topologies have processing units alone */
        topology->cores = topology->processing_units;
    topology->threads_per_core = 1;
    for (hwloc_obj_t core = NULL; (core = hwloc_get_next_obj_by_type(hwloc, HWLOC_OBJ_CORE, core)) != NULL;) {
        unsigned threads = weight_of(core->cpuset);
        if (threads > topology->threads_per_core)
            topology->threads_per_core = threads;
    }
}

static bool same_cache(const struct machine_cache *one, const struct machine_cache *other)
{
    return one->level == other->level && one->unified == other->unified && one->size == other->size &&
           one->shared_by == other->shared_by;
}

static void count_cache(struct machine_topology *topology, const struct machine_cache *cache)
{
    for (size_t i = 0; i < topology->cache_count; i++) {
        if (same_cache(&topology->caches[i], cache)) {
            topology->caches[i].count++;
            return;
        }
    }
    if (topology->cache_count < MACHINE_MAX_CACHES)
        topology->caches[topology->cache_count++] = *cache;
}

static void read_caches_of(hwloc_topology_t hwloc, hwloc_obj_type_t type, struct machine_topology *topology)
{
    for (hwloc_obj_t object = NULL; (object = hwloc_get_next_obj_by_type(hwloc, type, object)) != NULL;) {
        struct machine_cache cache = {
            .level = object->attr->cache.depth,
            .unified = object->attr->cache.type == HWLOC_OBJ_CACHE_UNIFIED,
            .size = object->attr->cache.size,
            .line_size = object->attr->cache.linesize,
            .associativity = object->attr->cache.associativity,
            .shared_by = weight_of(object->cpuset),
            .count = 1,
        };
        count_cache(topology, &cache);
    }
}

static void read_caches(hwloc_topology_t hwloc, struct machine_topology *topology)
{
    static const hwloc_obj_type_t data_caches[] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE,
                                                   HWLOC_OBJ_L4CACHE};
    for (size_t i = 0; i < sizeof data_caches / sizeof *data_caches; i++)
        read_caches_of(hwloc, data_caches[i], topology);
}

static void read_kind(hwloc_topology_t hwloc, unsigned index, hwloc_bitmap_t set, struct machine_core_kind *kind)
{
    unsigned info_count = 0;
    struct hwloc_info_s *infos = NULL;
    hwloc_cpukinds_get_info(hwloc, index, set, &kind->efficiency, &info_count, &infos, 0);
    for (unsigned i = 0; i < info_count; i++)
        if (strcmp(infos[i].name, "CoreType") == 0)
            snprintf(kind->name, sizeof kind->name, "%s", infos[i].value);
    kind->processing_units = weight_of(set);
    int cores = hwloc_get_nbobjs_inside_cpuset_by_type(hwloc, set, HWLOC_OBJ_CORE);
    kind->cores = cores > 0 ? (unsigned)cores : kind->processing_units;
}

static void read_kinds(hwloc_topology_t hwloc, struct machine_topology *topology)
{
    int count = hwloc_cpukinds_get_nr(hwloc, 0);
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    for (int i = 0; set && i < count && i < MACHINE_MAX_KINDS; i++)
        read_kind(hwloc, (unsigned)i, set, &topology->kinds[topology->kind_count++]);
    hwloc_bitmap_free(set);
}

static void add_page_size(struct machine_topology *topology, uint64_t size)
{
    size_t at = 0;
    while (at < topology->page_size_count && topology->page_sizes[at] < size)
        at++;
    bool there = at < topology->page_size_count && topology->page_sizes[at] == size;
    if (size == 0 || there || topology->page_size_count == MACHINE_MAX_PAGE_SIZES)
        return;
    memmove(&topology->page_sizes[at + 1], &topology->page_sizes[at],
            (topology->page_size_count - at) * sizeof *topology->page_sizes);
    topology->page_sizes[at] = size;
    topology->page_size_count++;
}

static void read_nodes(hwloc_topology_t hwloc, struct machine_topology *topology)
{
    topology->all_nodes = hwloc_bitmap_isequal(hwloc_topology_get_topology_nodeset(hwloc),
                                               hwloc_topology_get_complete_nodeset(hwloc)) != 0;
    for (hwloc_obj_t node = NULL; (node = hwloc_get_next_obj_by_type(hwloc, HWLOC_OBJ_NUMANODE, node)) != NULL;) {
        topology->nodes_total++;
        topology->memory += node->attr->numanode.local_memory;
        for (unsigned i = 0; i < node->attr->numanode.page_types_len; i++)
            add_page_size(topology, node->attr->numanode.page_types[i].size);
        if (topology->node_count < MACHINE_MAX_NODES)
            topology->nodes[topology->node_count++] =
                (struct machine_node){node->os_index, node->attr->numanode.local_memory, weight_of(node->cpuset)};
    }
    if (topology->page_size_count == 0)
        add_page_size(topology, (uint64_t)sysconf(_SC_PAGESIZE));
}

static void read_all(hwloc_topology_t hwloc, struct machine_topology *topology)
{
    topology->this_machine = hwloc_topology_is_thissystem(hwloc) != 0;
    read_model(hwloc, topology);
    read_processors(hwloc, topology);
    read_bound(hwloc, topology);
    read_caches(hwloc, topology);
    read_kinds(hwloc, topology);
    read_nodes(hwloc, topology);
}

bool machine_topology_read(struct machine_topology *topology, char *message, size_t size)
{
    memset(topology, 0, sizeof *topology);
    hwloc_topology_t hwloc;
    if (hwloc_topology_init(&hwloc) != 0) {
        snprintf(message, size, "hwloc cannot start: %s", strerror(errno));
        return false;
    }
    bool loaded = hwloc_topology_load(hwloc) == 0;
    if (loaded)
        read_all(hwloc, topology);
    else
        snprintf(message, size,
                 "hwloc cannot read the machine's topology: %s (check the HWLOC_ variables in the environment)",
                 strerror(errno));
    hwloc_topology_destroy(hwloc);
    return loaded;
}

const struct machine_cache *machine_topology_cache(const struct machine_topology *topology, unsigned level)
{
    const struct machine_cache *largest = NULL;
    for (size_t i = 0; i < topology->cache_count; i++)
        if (topology->caches[i].level == level && (!largest || topology->caches[i].size > largest->size))
            largest = &topology->caches[i];
    return largest;
}
