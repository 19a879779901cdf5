/* SPDX-License-Identifier: MIT */
/* For tests of huge pages, whose evidence is static: each begins in a child of its own, where the kernel has any. */
#ifndef TESTS_SPACE_HUGE_PAGES_H
#define TESTS_SPACE_HUGE_PAGES_H

#include "lib/base/os.h"
#include "lib/profile/active.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#define MIB ((size_t)1 << 20)

static inline void skip_without_huge_pages(void)
{
    if (os_huge_page_bytes() != 0 && os_huge_page_bytes() <= 4 * MIB)
        return;
    print_message("skipped: this kernel has no huge pages, or they are too long to fill many of them\n");
    skip();
}

static inline void in_children(void (*const *bodies)(void), size_t count)
{
    skip_without_huge_pages();
    for (size_t i = 0; i < count; i++)
        assert_child_passes(bodies[i]);
}

#define IN_CHILDREN(...)                                       \
    do {                                                       \
        void (*bodies[])(void) = {__VA_ARGS__};                \
        in_children(bodies, sizeof bodies / sizeof bodies[0]); \
    } while (0)

static inline int setup(void **state)
{
    (void)state;
    hak_free(hak_malloc(1)); /* starts the allocator */
    hak_active_profile.purge_delay = 3600 * 1000;
    return 0;
}

#endif
