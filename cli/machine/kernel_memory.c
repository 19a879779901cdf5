/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See kernel_memory.h. */
#include "cli/machine/kernel_memory.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRANSPARENT "/sys/kernel/mm/transparent_hugepage/"
/* Of what is available: others take some, and a program grows while it is not looked at. */
#define USABLE_SHARE 0.8
#define POOLS "/sys/kernel/mm/hugepages"

/* The first line of a file, without its newline. */
static bool read_line(const char *root, const char *path, char *line, size_t size)
{
    char full[PATH_MAX];
    snprintf(full, sizeof full, "%s%s", root, path);
    FILE *file = fopen(full, "re");
    bool got = file && fgets(line, (int)size, file) != NULL;
    if (got)
        line[strcspn(line, "\n")] = '\0';
    if (file)
        fclose(file);
    return got;
}

/* A plain number; 0 where there is none ("max" among them). */
static uint64_t read_number(const char *root, const char *path)
{
    char line[64];
    return read_line(root, path, line, sizeof line) && line[0] != '-' ? strtoull(line, NULL, 10) : 0;
}

/* The number behind NAME, with which a line of the file begins; 0 where there is none. */
static uint64_t read_row(const char *root, const char *path, const char *name)
{
    char full[PATH_MAX], line[256];
    uint64_t value = 0;
    snprintf(full, sizeof full, "%s%s", root, path);
    FILE *file = fopen(full, "re");
    while (file && value == 0 && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtoull(line + strlen(name), NULL, 10);
    if (file)
        fclose(file);
    return value;
}

/* "always [madvise] never": the word in brackets. */
static void read_choice(const char *root, const char *path, char *word, size_t size)
{
    char line[128];
    word[0] = '\0';
    if (!read_line(root, path, line, sizeof line))
        return;
    char *open = strchr(line, '['), *close = open ? strchr(open, ']') : NULL;
    if (close)
        snprintf(word, size, "%.*s", (int)(close - open - 1), open + 1);
}

static int by_page_size(const void *one, const void *other)
{
    const struct hugetlb_pool *a = one, *b = other;
    return (a->page_size > b->page_size) - (a->page_size < b->page_size);
}

static void read_pool(struct kernel_memory *kernel, const char *root, const char *name)
{
    uint64_t kibibytes;
    char path[PATH_MAX];
    if (sscanf(name, "hugepages-%" SCNu64 "kB", &kibibytes) != 1 || kernel->pool_count == KERNEL_MAX_POOLS)
        return;
    struct hugetlb_pool *pool = &kernel->pools[kernel->pool_count++];
    pool->page_size = kibibytes << 10;
    snprintf(path, sizeof path, POOLS "/%s/nr_hugepages", name);
    pool->total = read_number(root, path);
    snprintf(path, sizeof path, POOLS "/%s/free_hugepages", name);
    pool->free = read_number(root, path);
}

static void read_pools(struct kernel_memory *kernel, const char *root)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s" POOLS, root);
    DIR *directory = opendir(path);
    if (!directory)
        return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        read_pool(kernel, root, entry->d_name);
    closedir(directory);
    qsort(kernel->pools, kernel->pool_count, sizeof *kernel->pools, by_page_size);
}

/* --- control groups: the tightest limit on the way from this process's group up to the root ----------------------- */

typedef void (*group_visitor)(struct kernel_memory *kernel, const char *root, const char *group);

static void tighten_memory(struct kernel_memory *kernel, uint64_t limit)
{
    const uint64_t unlimited = UINT64_C(1) << 62; /* version 1 writes "no limit" as LONG_MAX rounded down to a page */
    if (limit > 0 && limit < unlimited && (kernel->memory_limit == 0 || limit < kernel->memory_limit))
        kernel->memory_limit = limit;
}

static void tighten_quota(struct kernel_memory *kernel, double quota, double period)
{
    double processors = quota > 0 && period > 0 ? quota / period : 0;
    if (processors > 0 && isfinite(processors) && (kernel->cpu_quota == 0 || processors < kernel->cpu_quota))
        kernel->cpu_quota = processors;
}

/* Of what the group has, LIMIT at most, USED is in use; files that nobody has looked at lately go when memory is
 * needed.
 */
static void tighten_available(struct kernel_memory *kernel, const char *root, const char *folder, const char *limit,
                              const char *used, const char *inactive)
{
    const uint64_t unlimited = UINT64_C(1) << 62;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, limit);
    uint64_t most = read_number(root, path);
    if (most == 0 || most >= unlimited)
        return;
    snprintf(path, sizeof path, "%s/%s", folder, used);
    uint64_t in_use = read_number(root, path);
    snprintf(path, sizeof path, "%s/memory.stat", folder);
    most += read_row(root, path, inactive);
    uint64_t left = most > in_use ? most - in_use : 1;
    if (kernel->memory_available == 0 || left < kernel->memory_available)
        kernel->memory_available = left;
}

static void visit_unified(struct kernel_memory *kernel, const char *root, const char *group)
{
    char path[PATH_MAX], line[128];
    double quota, period;
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.max", group);
    tighten_memory(kernel, read_number(root, path));
    snprintf(path, sizeof path, "/sys/fs/cgroup%s", group);
    tighten_available(kernel, root, path, "memory.max", "memory.current", "inactive_file ");
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
    if (read_line(root, path, line, sizeof line) && sscanf(line, "%lf %lf", &quota, &period) == 2)
        tighten_quota(kernel, quota, period);
}

static void visit_memory_controller(struct kernel_memory *kernel, const char *root, const char *group)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "/sys/fs/cgroup/memory%s/memory.limit_in_bytes", group);
    tighten_memory(kernel, read_number(root, path));
    snprintf(path, sizeof path, "/sys/fs/cgroup/memory%s", group);
    tighten_available(kernel, root, path, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ");
}

static void visit_cpu_controller(struct kernel_memory *kernel, const char *root, const char *group)
{
    char quota[PATH_MAX], period[PATH_MAX];
    snprintf(quota, sizeof quota, "/sys/fs/cgroup/cpu%s/cpu.cfs_quota_us", group);
    snprintf(period, sizeof period, "/sys/fs/cgroup/cpu%s/cpu.cfs_period_us", group);
    tighten_quota(kernel, (double)read_number(root, quota), (double)read_number(root, period));
}

static void visit_upwards(struct kernel_memory *kernel, const char *root, char *group, group_visitor visit)
{
    for (;;) {
        size_t length = strlen(group);
        if (length > 0 && group[length - 1] == '/')
            group[length - 1] = '\0';
        visit(kernel, root, group);
        char *slash = strrchr(group, '/');
        if (!slash)
            return;
        *slash = '\0';
    }
}

static bool has_controller(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; (at = strstr(at, name)) != NULL; at += length)
        if ((at == list || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

/* One line of /proc/self/cgroup: "NUMBER:CONTROLLERS:GROUP"; version 2's has no controllers. */
static void read_group_line(struct kernel_memory *kernel, const char *root, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group)
        return;
    *group++ = '\0';
    controllers++;
    char copy[PATH_MAX];
    if (*controllers == '\0') {
        snprintf(copy, sizeof copy, "%s", group);
        visit_upwards(kernel, root, copy, visit_unified);
    }
    if (has_controller(controllers, "memory")) {
        snprintf(copy, sizeof copy, "%s", group);
        visit_upwards(kernel, root, copy, visit_memory_controller);
    }
    if (has_controller(controllers, "cpu")) {
        snprintf(copy, sizeof copy, "%s", group);
        visit_upwards(kernel, root, copy, visit_cpu_controller);
    }
}

static void read_group_limits(struct kernel_memory *kernel, const char *root)
{
    char path[PATH_MAX], line[PATH_MAX];
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    while (fgets(line, sizeof line, file))
        read_group_line(kernel, root, line);
    fclose(file);
}

void kernel_memory_read(struct kernel_memory *kernel, const char *root)
{
    memset(kernel, 0, sizeof *kernel);
    read_choice(root, TRANSPARENT "enabled", kernel->transparent, sizeof kernel->transparent);
    read_choice(root, TRANSPARENT "defrag", kernel->transparent_defrag, sizeof kernel->transparent_defrag);
    kernel->transparent_size = read_number(root, TRANSPARENT "hpage_pmd_size");
    read_pools(kernel, root);
    kernel->memory_total = 1024 * read_row(root, "/proc/meminfo", "MemTotal:");
    kernel->memory_available = 1024 * read_row(root, "/proc/meminfo", "MemAvailable:");
    read_group_limits(kernel, root);
}

uint64_t kernel_memory_for_use(void)
{
    struct kernel_memory kernel;
    kernel_memory_read(&kernel, "");
    return (uint64_t)((double)kernel.memory_available * USABLE_SHARE);
}

bool kernel_memory_transparent_usable(const struct kernel_memory *kernel)
{
    return strcmp(kernel->transparent, "always") == 0 || strcmp(kernel->transparent, "madvise") == 0;
}

uint64_t kernel_memory_hugetlb_free(const struct kernel_memory *kernel, uint64_t page_size)
{
    uint64_t free_pages = 0;
    for (size_t i = 0; i < kernel->pool_count; i++)
        if (page_size == 0 || kernel->pools[i].page_size == page_size)
            free_pages += kernel->pools[i].free;
    return free_pages;
}
