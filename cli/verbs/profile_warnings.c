/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See profile_warnings.h. */
#include "cli/verbs/profile_warnings.h"

#include "cli/output/table.h"
#include "cli/output/units.h"

#include <stdbool.h>

static bool asks_for_transparent(const struct hak_profile *profile)
{
    return profile->pages_huge == HAK_HUGE_MADVISE || profile->pages_huge == HAK_HUGE_ALWAYS;
}

static unsigned warn_hugetlb(FILE *stream, const char *label, const struct hak_profile *profile,
                             const struct kernel_memory *kernel)
{
    if (profile->pages_huge != HAK_HUGE_HUGETLB || kernel_memory_hugetlb_free(kernel, 0) > 0)
        return 0;
    table_print_line(
        stream,
        "%s: warning: pages.huge: hugetlb, but no huge page is set aside (vm.nr_hugepages): ordinary pages will be "
        "used",
        label);
    return 1;
}

static unsigned warn_transparent(FILE *stream, const char *label, const struct hak_profile *profile,
                                 const struct kernel_memory *kernel)
{
    if (!asks_for_transparent(profile) || kernel_memory_transparent_usable(kernel))
        return 0;
    table_print_line(
        stream, "%s: warning: pages.huge: transparent huge pages are %s on this machine: ordinary pages will be used",
        label,
        kernel->transparent[0] ? "switched off (/sys/kernel/mm/transparent_hugepage/enabled)" : "not in this kernel");
    return 1;
}

static unsigned warn_small_superslab(FILE *stream, const char *label, const struct hak_profile *profile,
                                     const struct kernel_memory *kernel)
{
    char own[UNITS_TEXT], huge[UNITS_TEXT];
    bool of_superslabs = asks_for_transparent(profile) || profile->pages_huge == HAK_HUGE_HUGETLB;
    if (!of_superslabs || kernel->transparent_size == 0 || profile->superslab_size >= kernel->transparent_size)
        return 0;
    table_print_line(
        stream,
        "%s: warning: superslab.size: %s is smaller than this machine's huge pages (%s): pages.huge has no effect",
        label, units_size(profile->superslab_size, own, sizeof own),
        units_size(kernel->transparent_size, huge, sizeof huge));
    return 1;
}

static unsigned warn_memory_limit(FILE *stream, const char *label, const struct hak_profile *profile,
                                  const struct kernel_memory *kernel)
{
    char own[UNITS_TEXT], limit[UNITS_TEXT];
    if (kernel->memory_limit == 0 || profile->large_cache <= kernel->memory_limit / 2)
        return 0;
    table_print_line(stream, "%s: warning: large.cache: %s is more than half of this control group's memory (%s)",
                     label, units_size(profile->large_cache, own, sizeof own),
                     units_size(kernel->memory_limit, limit, sizeof limit));
    return 1;
}

unsigned profile_warnings_print(FILE *stream, const char *label, const struct hak_profile *profile,
                                const struct kernel_memory *kernel)
{
    return warn_hugetlb(stream, label, profile, kernel) + warn_transparent(stream, label, profile, kernel) +
           warn_small_superslab(stream, label, profile, kernel) + warn_memory_limit(stream, label, profile, kernel);
}
