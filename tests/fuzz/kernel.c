/* SPDX-License-Identifier: MIT */
/* What the kernel's files say of its memory. An input is several of them: a line that is one of the paths below begins
 * the file of that name. */
#include "cli/machine/kernel_memory.h"
#include "tests/fuzz/target.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>

static const char *const paths[] = {
    "/sys/kernel/mm/transparent_hugepage/enabled",
    "/sys/kernel/mm/transparent_hugepage/defrag",
    "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
    "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
    "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages",
    "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages",
    "/proc/meminfo",
    "/proc/self/cgroup",
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/cpu.max",
    "/sys/fs/cgroup/a/memory.max",
    "/sys/fs/cgroup/a/memory.current",
    "/sys/fs/cgroup/a/memory.stat",
    "/sys/fs/cgroup/a/cpu.max",
    "/sys/fs/cgroup/memory/a/memory.limit_in_bytes",
    "/sys/fs/cgroup/memory/a/memory.usage_in_bytes",
    "/sys/fs/cgroup/memory/a/memory.stat",
    "/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us",
    "/sys/fs/cgroup/cpu/a/cpu.cfs_period_us",
};
#define PATHS (sizeof paths / sizeof *paths)

static char root[64];

static void remove_tree(void)
{
    char full[256];
    for (size_t i = 0; i < PATHS; i++) {
        snprintf(full, sizeof full, "%s%s", root, paths[i]);
        unlink(full);
        for (char *slash; (slash = strrchr(full, '/')) > full + strlen(root) - 1;) {
            *slash = '\0';
            rmdir(full);
        }
    }
}

/* The folders of all paths, once. */
static void make_tree(void)
{
    char full[256];
    if (root[0])
        return;
    strcpy(root, "/tmp/hakmem-fuzz-XXXXXX");
    FUZZ_EXPECT(mkdtemp(root));
    atexit(remove_tree);
    for (size_t i = 0; i < PATHS; i++) {
        snprintf(full, sizeof full, "%s%s", root, paths[i]);
        for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
            *slash = '\0';
            FUZZ_EXPECT(mkdir(full, 0700) == 0 || errno == EEXIST);
            *slash = '/';
        }
    }
}

/* The path that the line of LENGTH bytes is, or PATHS. */
static size_t path_of(const char *line, size_t length)
{
    size_t i = 0;
    while (i < PATHS && (strlen(paths[i]) != length || memcmp(paths[i], line, length) != 0))
        i++;
    return i;
}

static void write_files(const char *text, const char *end, bool has[PATHS])
{
    char full[256];
    int file = -1;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *next = newline ? newline + 1 : end;
        size_t path = path_of(text, (size_t)((newline ? newline : end) - text));
        if (path < PATHS) {
            if (file >= 0)
                close(file);
            snprintf(full, sizeof full, "%s%s", root, paths[path]);
            file = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
            has[path] = true;
        } else if (file >= 0) {
            FUZZ_EXPECT(write(file, text, (size_t)(next - text)) == next - text);
        }
        text = next;
    }
    if (file >= 0)
        close(file);
}

static void check(const struct kernel_memory *kernel)
{
    FUZZ_EXPECT(strlen(kernel->transparent) < sizeof kernel->transparent);
    FUZZ_EXPECT(strlen(kernel->transparent_defrag) < sizeof kernel->transparent_defrag);
    FUZZ_EXPECT(kernel->pool_count <= KERNEL_MAX_POOLS);
    FUZZ_EXPECT(isfinite(kernel->cpu_quota) && kernel->cpu_quota >= 0);
    kernel_memory_transparent_usable(kernel);
    kernel_memory_hugetlb_free(kernel, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool has[PATHS] = {false};
    struct kernel_memory kernel;
    char full[256];
    make_tree();
    write_files((const char *)data, (const char *)data + size, has);
    kernel_memory_read(&kernel, root);
    check(&kernel);
    for (size_t i = 0; i < PATHS; i++)
        if (has[i]) {
            snprintf(full, sizeof full, "%s%s", root, paths[i]);
            unlink(full);
        }
    return 0;
}
