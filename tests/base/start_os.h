/* SPDX-License-Identifier: MIT */
/* A group's setup for what needs the system calls, and no started allocator. */
#ifndef TESTS_BASE_START_OS_H
#define TESTS_BASE_START_OS_H

#include "lib/base/os.h"

static inline int start_os(void **state)
{
    (void)state;
    os_start();
    return 0;
}

#endif
