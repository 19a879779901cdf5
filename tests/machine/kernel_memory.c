/* SPDX-License-Identifier: MIT */
/* The kernel's memory settings, read from a tree of files like /sys and /proc. */
#include "cli/machine/kernel_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char root[64];

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/hakmem-test-root-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

static void put(const char *path, const char *text)
{
    char full[512];
    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(full, 0700);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static struct kernel_memory read_it(void)
{
    struct kernel_memory kernel;
    kernel_memory_read(&kernel, root);
    return kernel;
}

static void nothing_there(void **state)
{
    (void)state;
    struct kernel_memory kernel = read_it();
    assert_string_equal(kernel.transparent, "");
    assert_false(kernel_memory_transparent_usable(&kernel));
    assert_int_equal(kernel.pool_count, 0);
    assert_true(kernel.memory_limit == 0);
    assert_true(kernel.cpu_quota == 0);
}

static void transparent_pages(void **state)
{
    (void)state;
    put("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
    put("/sys/kernel/mm/transparent_hugepage/defrag", "always defer [defer+madvise] madvise never\n");
    put("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "2097152\n");
    struct kernel_memory kernel = read_it();
    assert_string_equal(kernel.transparent, "madvise");
    assert_string_equal(kernel.transparent_defrag, "defer+madvise");
    assert_true(kernel.transparent_size == 2097152);
    assert_true(kernel_memory_transparent_usable(&kernel));
    put("/sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
    kernel = read_it();
    assert_false(kernel_memory_transparent_usable(&kernel));
}

static void hugetlb_pools(void **state)
{
    (void)state;
    put("/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "1\n");
    put("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "0\n");
    put("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "64\n");
    put("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "60\n");
    struct kernel_memory kernel = read_it();
    assert_int_equal(kernel.pool_count, 2);
    assert_true(kernel.pools[0].page_size == UINT64_C(2) << 20);
    assert_true(kernel.pools[1].page_size == UINT64_C(1) << 30);
    assert_true(kernel_memory_hugetlb_free(&kernel, UINT64_C(2) << 20) == 60);
    assert_true(kernel_memory_hugetlb_free(&kernel, UINT64_C(1) << 30) == 0);
    assert_true(kernel_memory_hugetlb_free(&kernel, 0) == 60);
}

/* The tightest limit counts, wherever between the group and the root it is set. */
static void unified_groups(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/outer/inner\n");
    put("/sys/fs/cgroup/outer/memory.max", "1073741824\n");
    put("/sys/fs/cgroup/outer/inner/memory.max", "max\n");
    put("/sys/fs/cgroup/outer/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/outer/inner/cpu.max", "150000 100000\n");
    struct kernel_memory kernel = read_it();
    assert_true(kernel.memory_limit == UINT64_C(1) << 30);
    assert_true(kernel.cpu_quota == 1.5);
}

/* What the machine has left, or the group that has the least left. */
static void memory_that_is_left(void **state)
{
    (void)state;
    put("/proc/meminfo", "MemTotal:        8388608 kB\nMemFree:          100000 kB\nMemAvailable:    4194304 kB\n");
    struct kernel_memory kernel = read_it();
    assert_true(kernel.memory_total == UINT64_C(8) << 30);
    assert_true(kernel.memory_available == UINT64_C(4) << 30);
    put("/proc/self/cgroup", "0::/outer/inner\n");
    put("/sys/fs/cgroup/outer/memory.max", "2147483648\n");
    put("/sys/fs/cgroup/outer/memory.current", "1610612736\n");
    put("/sys/fs/cgroup/outer/memory.stat", "anon 1\nfile 2\ninactive_file 536870912\n");
    put("/sys/fs/cgroup/outer/inner/memory.max", "max\n");
    put("/sys/fs/cgroup/outer/inner/memory.current", "1610612736\n");
    kernel = read_it();
    assert_true(kernel.memory_available == UINT64_C(1) << 30);
    put("/proc/self/cgroup", "3:memory:/box\n");
    put("/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "536870912\n");
    put("/sys/fs/cgroup/memory/box/memory.usage_in_bytes", "536870912\n");
    put("/sys/fs/cgroup/memory/box/memory.stat", "inactive_file 1\ntotal_inactive_file 268435456\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    kernel = read_it();
    assert_true(kernel.memory_available == UINT64_C(256) << 20);
}

static void groups_of_version_1(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "9:name=systemd:/\n4:cpu,cpuacct:/box\n3:memory:/box\n2:cpuset:/\n");
    put("/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "536870912\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    put("/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "50000\n");
    put("/sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n");
    put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    struct kernel_memory kernel = read_it();
    assert_true(kernel.memory_limit == UINT64_C(512) << 20);
    assert_true(kernel.cpu_quota == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_there, make_root, remove_root),
        cmocka_unit_test_setup_teardown(transparent_pages, make_root, remove_root),
        cmocka_unit_test_setup_teardown(hugetlb_pools, make_root, remove_root),
        cmocka_unit_test_setup_teardown(unified_groups, make_root, remove_root),
        cmocka_unit_test_setup_teardown(memory_that_is_left, make_root, remove_root),
        cmocka_unit_test_setup_teardown(groups_of_version_1, make_root, remove_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
