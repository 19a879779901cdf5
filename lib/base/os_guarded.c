/* SPDX-License-Identifier: MIT */
#include "lib/base/os_guarded.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char *map_forbidden(void *address, size_t bytes, int flags)
{
    int saved = errno;
    void *result = mmap(address, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
    errno = saved;
    return result == MAP_FAILED ? NULL : result;
}

void *os_reserve_forbidden(size_t bytes, size_t alignment)
{
    char *mapping = map_forbidden(NULL, bytes + alignment, 0);
    if (mapping == NULL)
        return NULL;
    int saved = errno;
    char *start = (char *)round_up((uintptr_t)mapping, alignment);
    size_t before = (size_t)(start - mapping);
    if (before != 0)
        munmap(mapping, before);
    if (before != alignment)
        munmap(start + bytes, alignment - before);
    errno = saved;
    return start;
}

bool os_forbid(void *address, size_t bytes)
{
    return map_forbidden(address, bytes, MAP_FIXED) != NULL;
}

uint32_t os_thread(void)
{
    return (uint32_t)syscall(SYS_gettid);
}

uint64_t os_thread_nanoseconds(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
