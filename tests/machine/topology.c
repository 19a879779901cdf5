/* SPDX-License-Identifier: MIT */
/* Topologies of other machines, through hwloc's own environment variables. */
#include "cli/machine/topology.h"

#include "cli/machine/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int forget_environment(void **state)
{
    (void)state;
    unsetenv("HWLOC_XMLFILE");
    unsetenv("HWLOC_SYNTHETIC");
    unsetenv("HWLOC_COMPONENTS");
    unsetenv("HAKMEM_CPUID_DUMP");
    return 0;
}

static struct machine_topology read_topology(void)
{
    struct machine_topology topology;
    char message[256] = "";
    if (!machine_topology_read(&topology, message, sizeof message))
        fail_msg("%s", message);
    return topology;
}

static void set_xml(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/machine/data/%s", getenv("top_srcdir") ? getenv("top_srcdir") : ".", name);
    setenv("HWLOC_XMLFILE", path, 1);
}

static void check_two_sockets(const struct machine_topology *topology)
{
    assert_false(topology->this_machine);
    assert_int_equal(topology->packages, 2);
    assert_int_equal(topology->cores, 4);
    assert_int_equal(topology->processing_units, 8);
    assert_int_equal(topology->threads_per_core, 2);
    assert_int_equal(topology->nodes_total, 2);
    assert_true(topology->nodes[1].memory == UINT64_C(8) << 30);
    assert_int_equal(topology->nodes[1].processing_units, 4);
    assert_true(topology->memory == UINT64_C(16) << 30);
    const struct machine_cache *l3 = machine_topology_cache(topology, 3);
    assert_non_null(l3);
    assert_true(l3->size == UINT64_C(32) << 20);
    assert_int_equal(l3->count, 2);
    assert_int_equal(l3->shared_by, 4);
    assert_true(l3->unified);
    assert_false(machine_topology_cache(topology, 1)->unified);
    assert_int_equal(machine_topology_cache(topology, 1)->shared_by, 2);
}

static void two_sockets_smt_and_numa(void **state)
{
    (void)state;
    setenv("HWLOC_SYNTHETIC",
           "pack:2 [numa(memory=8589934592)] l3:1(size=33554432) core:2 l2:1(size=1048576) l1d:1(size=32768) pu:2", 1);
    struct machine_topology topology = read_topology();
    check_two_sockets(&topology);
}

static void two_sockets_from_xml(void **state)
{
    (void)state;
    set_xml("two-sockets.xml");
    struct machine_topology topology = read_topology();
    check_two_sockets(&topology);
}

static void hybrid_cores(void **state)
{
    (void)state;
    set_xml("hybrid.xml");
    struct machine_topology topology = read_topology();
    assert_string_equal(topology.model, "A hybrid of 2 fast and 4 slow cores");
    assert_int_equal(topology.cores, 6);
    assert_int_equal(topology.processing_units, 8);
    assert_int_equal(topology.kind_count, 2);
    assert_string_equal(topology.kinds[0].name, "IntelAtom");
    assert_int_equal(topology.kinds[0].cores, 4);
    assert_int_equal(topology.kinds[0].processing_units, 4);
    assert_string_equal(topology.kinds[1].name, "IntelCore");
    assert_int_equal(topology.kinds[1].cores, 2);
    assert_int_equal(topology.kinds[1].processing_units, 4);
    assert_true(topology.kinds[0].efficiency < topology.kinds[1].efficiency);
    assert_int_equal(topology.cache_count, 5);
    assert_true(machine_topology_cache(&topology, 1)->size == 49152);
    assert_true(machine_topology_cache(&topology, 2)->size == UINT64_C(2) << 20);
    assert_int_equal(topology.page_size_count, 2);
    assert_true(topology.page_sizes[1] == UINT64_C(2) << 20);
}

static void no_third_level(void **state)
{
    (void)state;
    setenv("HWLOC_SYNTHETIC", "pack:1 core:4 l2:1(size=524288) l1d:1(size=65536) pu:1", 1);
    struct machine_topology topology = read_topology();
    assert_null(machine_topology_cache(&topology, 3));
    assert_non_null(machine_topology_cache(&topology, 2));
    struct machine_limits limits;
    assert_true(machine_limits_get(&limits));
    assert_true(limits.l3 == 0);
    assert_true(limits.l2 == 524288);
    assert_string_equal(limits.description, "unknown processor, 4 cores, 64 KiB L1d, 512 KiB L2");
}

static void no_caches_and_no_cores(void **state)
{
    (void)state;
    setenv("HWLOC_SYNTHETIC", "pu:3", 1);
    struct machine_topology topology = read_topology();
    assert_int_equal(topology.cores, 3);
    assert_int_equal(topology.cache_count, 0);
    assert_int_equal(topology.nodes_total, 1);
}

static void limits_of_a_hybrid(void **state)
{
    (void)state;
    set_xml("hybrid.xml");
    struct machine_limits limits;
    assert_true(machine_limits_get(&limits));
    assert_true(limits.l1_data == 49152);
    assert_true(limits.l3 == UINT64_C(12) << 20);
    assert_int_equal(limits.processing_units, 8);
    assert_string_equal(limits.description,
                        "A hybrid of 2 fast and 4 slow cores, 6 cores, 48 KiB L1d, 2 MiB L2, 12 MiB L3");
}

/* What is used of the machine does not hang on what is only shown of it. */
static void limits_need_no_tlb(void **state)
{
    (void)state;
    setenv("HAKMEM_CPUID_DUMP", "/nonexistent/leaves", 1);
    struct machine_limits limits;
    assert_true(machine_limits_get(&limits));
    assert_true(limits.page_size > 0);
    assert_true(limits.processing_units > 0);
    assert_null(strstr(limits.description, "/nonexistent/leaves"));
}

static void this_machine(void **state)
{
    (void)state;
    struct machine_topology topology = read_topology();
    assert_true(topology.this_machine);
    assert_true(topology.processing_units >= 1);
    assert_true(topology.cores <= topology.processing_units);
    assert_true(topology.bound_to <= topology.processing_units);
    assert_true(topology.memory > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(two_sockets_smt_and_numa, forget_environment),
        cmocka_unit_test_setup(two_sockets_from_xml, forget_environment),
        cmocka_unit_test_setup(hybrid_cores, forget_environment),
        cmocka_unit_test_setup(no_third_level, forget_environment),
        cmocka_unit_test_setup(no_caches_and_no_cores, forget_environment),
        cmocka_unit_test_setup(limits_of_a_hybrid, forget_environment),
        cmocka_unit_test_setup(limits_need_no_tlb, forget_environment),
        cmocka_unit_test_setup(this_machine, forget_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
