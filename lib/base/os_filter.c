/* SPDX-License-Identifier: MIT */
#include "lib/base/os_filter.h"

#include <errno.h>
#include <sys/prctl.h>

/* A kernel that has no filters answers EINVAL; any other error is a filter's. */
bool os_is_filtered(void)
{
    int saved = errno;
    int mode = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
    bool filtered = mode > 0 || (mode < 0 && errno != EINVAL);
    errno = saved;
    return filtered;
}
