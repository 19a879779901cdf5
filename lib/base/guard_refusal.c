/* SPDX-License-Identifier: MIT */
#include "lib/base/guard_refusal.h"

#include "lib/base/report.h"

#include <stdatomic.h>

_Atomic uint64_t guard_refusals;

void guard_refusal_note(void)
{
    if (atomic_fetch_add_explicit(&guard_refusals, 1, memory_order_relaxed) == 0)
        report_line(
            "security.guard_pages: the kernel refuses a guard page (more mappings than vm.max_map_count, or huge "
            "pages of pages.huge: hugetlb); memory is handed out without it; the statistics count them "
            "(guard_refusals)");
}
