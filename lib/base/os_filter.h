/* SPDX-License-Identifier: MIT */
/* Of the system calls (os.h) the one that tells of others. Any thread, any signal handler. Nothing is below. */
#ifndef HAK_BASE_OS_FILTER_H
#define HAK_BASE_OS_FILTER_H

#include "lib/base/compiler.h"

#include <stdbool.h>

/* Whether this thread's system calls go through a filter (seccomp), which may end the process at those that it does not
 * know. What it lets pass nobody tells. errno is kept. */
COLD bool os_is_filtered(void);

#endif
