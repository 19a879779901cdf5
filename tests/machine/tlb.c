/* SPDX-License-Identifier: MIT */
/* The data TLB from CPUID leaves given as data, for processors of both makers, with and without a hypervisor in
 * between. */
#include "cli/machine/tlb.h"

#include "cli/machine/tlb_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FULL TLB_FULLY_ASSOCIATIVE

static void load(const char *name, struct cpuid_table *table)
{
    char path[4096], message[256] = "";
    snprintf(path, sizeof path, "%s/tests/machine/data/%s", getenv("top_srcdir") ? getenv("top_srcdir") : ".", name);
    if (!cpuid_load(table, path, message, sizeof message))
        fail_msg("%s", message);
}

static struct tlb decode(const char *name)
{
    struct cpuid_table table;
    struct tlb tlb;
    load(name, &table);
    tlb_decode(&table, &tlb);
    return tlb;
}

static void expect(const struct tlb *tlb, unsigned level, enum tlb_page page, unsigned entries, unsigned ways,
                   const char *source)
{
    const struct tlb_figure *figure = &tlb->data[level - 1][page];
    assert_true(figure->known);
    assert_false(figure->measured);
    assert_int_equal(figure->entries, entries);
    assert_true(figure->ways == ways);
    assert_string_equal(figure->source, source);
}

static void expect_unknown(const struct tlb *tlb, unsigned level, enum tlb_page page)
{
    assert_false(tlb->data[level - 1][page].known);
    assert_string_equal(tlb->data[level - 1][page].source, "not known");
    assert_true(tlb_reach(tlb, level - 1, page) == 0);
}

static void intel_descriptors_of_leaf_2(void **state)
{
    (void)state;
    struct tlb tlb = decode("skylake.cpuid");
    expect(&tlb, 1, TLB_PAGE_4K, 64, 4, "cpuid leaf 2");
    expect(&tlb, 1, TLB_PAGE_2M, 32, 4, "cpuid leaf 2");
    expect(&tlb, 1, TLB_PAGE_1G, 4, 4, "cpuid leaf 2");
    expect(&tlb, 2, TLB_PAGE_4K, 1536, 6, "cpuid leaf 2");
    expect(&tlb, 2, TLB_PAGE_2M, 1536, 6, "cpuid leaf 2");
    expect(&tlb, 2, TLB_PAGE_1G, 16, 4, "cpuid leaf 2");
    assert_string_equal(tlb.note, "");
}

/* A register with its top bit set holds no descriptors, and neither does AL. */
static void intel_leaf_2_without_validity(void **state)
{
    (void)state;
    struct cpuid_table table;
    struct tlb tlb;
    load("skylake.cpuid", &table);
    table.leaves[2].eax = 0x80000003;
    table.leaves[2].edx = 0;
    tlb_decode(&table, &tlb);
    expect_unknown(&tlb, 1, TLB_PAGE_4K);
    table.leaves[2].eax = 0x00000003;
    tlb_decode(&table, &tlb);
    expect_unknown(&tlb, 1, TLB_PAGE_4K);
    table.leaves[2].eax = 0x00000301;
    tlb_decode(&table, &tlb);
    expect(&tlb, 1, TLB_PAGE_4K, 64, 4, "cpuid leaf 2");
}

/* The load TLB counts, the store TLB doesn't, and two second-level structures for 4 KiB pages add up. */
static void intel_leaf_18(void **state)
{
    (void)state;
    struct tlb tlb = decode("icelake.cpuid");
    expect(&tlb, 1, TLB_PAGE_4K, 64, 4, "cpuid leaf 0x18");
    expect(&tlb, 1, TLB_PAGE_2M, 32, 4, "cpuid leaf 0x18");
    expect(&tlb, 1, TLB_PAGE_1G, 8, FULL, "cpuid leaf 0x18");
    expect(&tlb, 2, TLB_PAGE_4K, 2048, 8, "cpuid leaf 0x18");
    expect(&tlb, 2, TLB_PAGE_2M, 1024, 8, "cpuid leaf 0x18");
    expect(&tlb, 2, TLB_PAGE_1G, 1024, 8, "cpuid leaf 0x18");
}

static void amd_leaves(void **state)
{
    (void)state;
    struct tlb tlb = decode("zen2.cpuid");
    expect(&tlb, 1, TLB_PAGE_4K, 64, FULL, "cpuid leaf 0x80000005");
    expect(&tlb, 1, TLB_PAGE_2M, 64, FULL, "cpuid leaf 0x80000005");
    expect(&tlb, 1, TLB_PAGE_1G, 64, FULL, "cpuid leaf 0x80000019");
    expect(&tlb, 2, TLB_PAGE_4K, 2048, 8, "cpuid leaf 0x80000006");
    expect(&tlb, 2, TLB_PAGE_2M, 2048, 4, "cpuid leaf 0x80000006");
    expect(&tlb, 2, TLB_PAGE_1G, 64, FULL, "cpuid leaf 0x80000019");
}

static void amd_scaled_sizes(void **state)
{
    (void)state;
    struct tlb tlb = decode("zen5.cpuid");
    expect(&tlb, 1, TLB_PAGE_4K, 96, FULL, "cpuid leaf 0x80000005");
    expect(&tlb, 2, TLB_PAGE_4K, 4096, 8, "cpuid leaf 0x80000006");
    expect(&tlb, 2, TLB_PAGE_2M, 4096, 4, "cpuid leaf 0x80000006");
    expect(&tlb, 2, TLB_PAGE_1G, 0, 0, "cpuid leaf 0x80000019");
}

/* 128 entries would be believed if one did not know that the factor is hidden. */
static void amd_scale_hidden_by_hypervisor(void **state)
{
    (void)state;
    struct tlb tlb = decode("zen5-guest.cpuid");
    expect(&tlb, 1, TLB_PAGE_4K, 96, FULL, "cpuid leaf 0x80000005");
    expect_unknown(&tlb, 2, TLB_PAGE_4K);
    expect_unknown(&tlb, 2, TLB_PAGE_2M);
    expect_unknown(&tlb, 1, TLB_PAGE_1G);
    assert_non_null(strstr(tlb.note, "hypervisor"));
}

static void all_hidden_by_hypervisor(void **state)
{
    (void)state;
    struct tlb tlb = decode("hidden.cpuid");
    expect_unknown(&tlb, 1, TLB_PAGE_4K);
    expect_unknown(&tlb, 2, TLB_PAGE_4K);
    assert_string_equal(tlb.note, "CPUID does not describe the TLB: the hypervisor hides it");
}

static void no_leaves_at_all(void **state)
{
    (void)state;
    struct cpuid_table nothing = {.count = 0};
    struct tlb tlb;
    tlb_decode(&nothing, &tlb);
    expect_unknown(&tlb, 1, TLB_PAGE_4K);
}

static void reach(void **state)
{
    (void)state;
    struct tlb tlb = decode("skylake.cpuid");
    assert_true(tlb_reach(&tlb, 0, TLB_PAGE_4K) == UINT64_C(64) * 4096);
    assert_true(tlb_reach(&tlb, 1, TLB_PAGE_2M) == UINT64_C(1536) << 21);
    assert_true(tlb_reach(&tlb, 1, TLB_PAGE_1G) == UINT64_C(16) << 30);
}

static void expect_refused(const char *text, const char *reason)
{
    char path[] = "/tmp/hakmem-test-cpuid-XXXXXX", message[256] = "";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *file = fdopen(descriptor, "w");
    fputs(text, file);
    fclose(file);
    struct cpuid_table table;
    bool loaded = cpuid_load(&table, path, message, sizeof message);
    remove(path);
    assert_false(loaded);
    if (!strstr(message, reason))
        fail_msg("'%s' does not say '%s'", message, reason);
}

static void bad_files(void **state)
{
    (void)state;
    expect_refused("", "no CPUID leaf in it");
    expect_refused("# a comment alone\n", "no CPUID leaf in it");
    expect_refused("1 0 0 0 0 => 1 2 3\n", ":1: not a line");
    expect_refused("1 0 0 0 0 => 1 2 3 4\nhello\n", ":2: not a line");
    expect_refused("1 0 0 0 0 => 1 2 3 4 5\n", ":1: not a line");
    struct cpuid_table table;
    char message[256] = "";
    assert_false(cpuid_load(&table, "/nonexistent/leaves", message, sizeof message));
    assert_non_null(strstr(message, "No such file"));
}

static void too_many_leaves(void **state)
{
    (void)state;
    char *text = malloc((CPUID_MAX_LEAVES + 1) * 32 + 1), *end = text;
    for (int i = 0; i <= CPUID_MAX_LEAVES; i++)
        end += sprintf(end, "5 4 0 %x 0 => 0 0 0 0\n", (unsigned)i);
    expect_refused(text, "more than 512 leaves");
    free(text);
}

/* The curve of a Zen 5 with 96 and 4096 entries, as measured. */
static void steps_of_a_curve(void **state)
{
    (void)state;
    static const struct tlb_probe_point points[] = {
        {64, 0.0},    {85, 0.02},   {106, 1.75}, {256, 1.75},  {1024, 1.75}, {2048, 1.84},
        {2730, 2.39}, {3413, 3.56}, {4096, 4.0}, {5461, 10.4}, {8192, 40.1},
    };
    struct tlb_probe probe;
    tlb_probe_find_steps(points, sizeof points / sizeof *points, &probe);
    assert_int_equal(probe.first_level, 85);
    assert_int_equal(probe.second_level, 4096);
}

static void a_spike_is_no_step(void **state)
{
    (void)state;
    static const struct tlb_probe_point points[] = {{16, 0.0}, {32, 9.0}, {64, 0.1}, {128, 1.5}, {256, 1.5}};
    struct tlb_probe probe;
    tlb_probe_find_steps(points, sizeof points / sizeof *points, &probe);
    assert_int_equal(probe.first_level, 64);
    assert_int_equal(probe.second_level, 0);
}

static void flat_curve_has_no_steps(void **state)
{
    (void)state;
    static const struct tlb_probe_point points[] = {{16, 0.0}, {64, 0.1}, {256, 0.0}};
    struct tlb_probe probe;
    tlb_probe_find_steps(points, sizeof points / sizeof *points, &probe);
    assert_int_equal(probe.first_level, 0);
    assert_int_equal(probe.second_level, 0);
}

/* Whatever comes out on this machine, it says that it was measured, and nothing that CPUID knew is overwritten. */
static void measurement_fills_gaps_alone(void **state)
{
    (void)state;
    struct tlb tlb = decode("zen5-guest.cpuid");
    tlb_measure_missing(&tlb);
    expect(&tlb, 1, TLB_PAGE_4K, 96, FULL, "cpuid leaf 0x80000005");
    const struct tlb_figure *second = &tlb.data[1][TLB_PAGE_4K];
    assert_string_equal(second->source, second->known ? "measured" : "not known");
    expect_unknown(&tlb, 2, TLB_PAGE_2M);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intel_descriptors_of_leaf_2),
        cmocka_unit_test(intel_leaf_2_without_validity),
        cmocka_unit_test(intel_leaf_18),
        cmocka_unit_test(amd_leaves),
        cmocka_unit_test(amd_scaled_sizes),
        cmocka_unit_test(amd_scale_hidden_by_hypervisor),
        cmocka_unit_test(all_hidden_by_hypervisor),
        cmocka_unit_test(no_leaves_at_all),
        cmocka_unit_test(reach),
        cmocka_unit_test(bad_files),
        cmocka_unit_test(too_many_leaves),
        cmocka_unit_test(steps_of_a_curve),
        cmocka_unit_test(a_spike_is_no_step),
        cmocka_unit_test(flat_curve_has_no_steps),
        cmocka_unit_test(measurement_fills_gaps_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
