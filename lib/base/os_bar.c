/* SPDX-License-Identifier: MIT */
#include "lib/base/os_bar.h"

#include <errno.h>
#include <sys/mman.h>

bool os_bar(void *address, size_t bytes)
{
    int saved = errno, flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    bool done = mmap(address, bytes, PROT_NONE, flags, -1, 0) != MAP_FAILED;
    errno = saved;
    return done;
}
