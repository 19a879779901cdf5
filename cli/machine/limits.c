/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See limits.h. */
#include "cli/machine/limits.h"

#include "cli/machine/kernel_memory.h"
#include "cli/machine/topology.h"
#include "cli/output/units.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint64_t cache_size(const struct machine_topology *topology, unsigned level)
{
    const struct machine_cache *cache = machine_topology_cache(topology, level);
    return cache ? cache->size : 0;
}

static uint64_t huge_page_size(const struct kernel_memory *kernel)
{
    if (kernel->transparent_size)
        return kernel->transparent_size;
    return kernel->pool_count ? kernel->pools[0].page_size : 0;
}

static void append(struct machine_limits *limits, const char *separator, const char *text)
{
    size_t length = strlen(limits->description);
    snprintf(limits->description + length, sizeof limits->description - length, "%s%s", separator, text);
}

static void append_cache(struct machine_limits *limits, uint64_t bytes, const char *name)
{
    char size[32], text[64];
    if (bytes == 0)
        return;
    snprintf(text, sizeof text, "%s %s", units_size(bytes, size, sizeof size), name);
    append(limits, ", ", text);
}

static void describe(const struct machine_topology *topology, struct machine_limits *limits)
{
    char text[64];
    append(limits, "", topology->model[0] ? topology->model : "unknown processor");
    if (topology->packages > 1) {
        snprintf(text, sizeof text, "%u packages", topology->packages);
        append(limits, ", ", text);
    }
    snprintf(text, sizeof text, "%u core%s", limits->cores, limits->cores == 1 ? "" : "s");
    append(limits, ", ", text);
    append_cache(limits, limits->l1_data, "L1d");
    append_cache(limits, limits->l2, "L2");
    append_cache(limits, limits->l3, "L3");
}

static void fill_unknown(struct machine_limits *limits, const char *reason)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    limits->processing_units = limits->cores = processors > 0 ? (unsigned)processors : 1;
    limits->numa_nodes = 1;
    snprintf(limits->description, sizeof limits->description, "%s", reason);
}

bool machine_limits_get(struct machine_limits *limits)
{
    struct machine_topology topology;
    struct kernel_memory kernel;
    char message[256];
    memset(limits, 0, sizeof *limits);
    limits->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    if (!machine_topology_read(&topology, message, sizeof message)) {
        fill_unknown(limits, message);
        return false;
    }
    kernel_memory_read(&kernel, "");
    limits->l1_data = cache_size(&topology, 1);
    limits->l2 = cache_size(&topology, 2);
    limits->l3 = cache_size(&topology, 3);
    limits->huge_page_size = huge_page_size(&kernel);
    limits->cores = topology.cores;
    limits->processing_units = topology.processing_units;
    limits->numa_nodes = topology.nodes_total ? topology.nodes_total : 1;
    limits->transparent_huge_pages_usable = kernel_memory_transparent_usable(&kernel);
    limits->hugetlb_pages_available = kernel_memory_hugetlb_free(&kernel, limits->huge_page_size) > 0;
    describe(&topology, limits);
    return true;
}
