/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the machine is made of, as hwloc tells it: caches and who shares them, packages, cores, kinds of cores, NUMA
 * nodes, page sizes.
 *
 * A plain struct that the caller owns; nothing to free. hwloc's own environment variables (HWLOC_XMLFILE,
 * HWLOC_SYNTHETIC, ...) replace the machine by another one. Any thread may call anything. Below this file: nothing of
 * ours. */
#ifndef HAK_MACHINE_TOPOLOGY_H
#define HAK_MACHINE_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for what is listed. Machines differ in few ways (a hybrid one has two or three kinds of every cache); large ones
 * have many NUMA nodes: `nodes_total` counts those beyond the table too. */
#define MACHINE_MAX_CACHES 16
#define MACHINE_MAX_KINDS 8
#define MACHINE_MAX_NODES 64
#define MACHINE_MAX_PAGE_SIZES 8

/* One kind of data (or unified) cache; equal ones are counted together. */
struct machine_cache {
    unsigned level;     /* 1, 2, 3, ... */
    bool unified;       /* holds instructions too */
    uint64_t size;      /* bytes */
    unsigned line_size; /* bytes; 0: not known */
    int associativity;  /* ways; -1: fully associative; 0: not known */
    unsigned shared_by; /* processing units that share one */
    unsigned count;     /* how many there are */
};

/* One kind of core of a hybrid machine. */
struct machine_core_kind {
    char name[32];  /* "IntelAtom"; empty if the system has no name for it */
    int efficiency; /* larger is faster; -1: not known */
    unsigned cores, processing_units;
};

struct machine_node {
    unsigned number; /* as the system numbers it */
    uint64_t memory; /* bytes */
    unsigned processing_units;
};

struct machine_topology {
    char model[96];                             /* the processor's name; empty if not known */
    bool this_machine;                          /* false: hwloc was given another one by its environment variables */
    unsigned packages, cores, processing_units; /* that this process may use */
    unsigned threads_per_core;                  /* at most */
    unsigned processing_units_of_machine;       /* with those that a cpuset keeps from this process */
    unsigned bound_to; /* processing units that this process's affinity leaves it; 0: not known */
    struct machine_cache caches[MACHINE_MAX_CACHES];
    size_t cache_count;
    struct machine_core_kind kinds[MACHINE_MAX_KINDS];
    size_t kind_count; /* 0 or 1: all cores are alike */
    struct machine_node nodes[MACHINE_MAX_NODES];
    size_t node_count; /* rows in `nodes` */
    unsigned nodes_total;
    bool all_nodes;                              /* none is kept from this process */
    uint64_t memory;                             /* bytes, of all nodes */
    uint64_t page_sizes[MACHINE_MAX_PAGE_SIZES]; /* bytes, ascending */
    size_t page_size_count;
};

/* Asks hwloc. False: the reason is in MESSAGE. */
bool machine_topology_read(struct machine_topology *topology, char *message, size_t size);

/* The largest data or unified cache of LEVEL among the kinds of cores, or NULL if the machine has none. */
const struct machine_cache *machine_topology_cache(const struct machine_topology *topology, unsigned level);

#endif
