/* SPDX-License-Identifier: MIT */
#include "tests/survive/refusing_kernel.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* All relaxed: threads count in any order. */
static atomic_ulong calls, refusals, first_refused = 1, last_refused;
static atomic_uint counted_kinds;

void refusing_kernel_arm(unsigned kinds, unsigned long first, unsigned long last)
{
    atomic_store_explicit(&calls, 0, memory_order_relaxed);
    atomic_store_explicit(&refusals, 0, memory_order_relaxed);
    atomic_store_explicit(&first_refused, first, memory_order_relaxed);
    atomic_store_explicit(&last_refused, last, memory_order_relaxed);
    atomic_store_explicit(&counted_kinds, kinds, memory_order_relaxed);
}

unsigned long refusing_kernel_calls(void)
{
    return atomic_load_explicit(&calls, memory_order_relaxed);
}

unsigned long refusing_kernel_refusals(void)
{
    return atomic_load_explicit(&refusals, memory_order_relaxed);
}

static bool refuses(enum refusable kind, int error)
{
    if ((atomic_load_explicit(&counted_kinds, memory_order_relaxed) >> kind & 1) == 0)
        return false;
    unsigned long number = atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed) + 1;
    if (number < atomic_load_explicit(&first_refused, memory_order_relaxed) ||
        number > atomic_load_explicit(&last_refused, memory_order_relaxed))
        return false;
    atomic_fetch_add_explicit(&refusals, 1, memory_order_relaxed);
    errno = error;
    return true;
}

/* --- calls by syscall(2) ------------------------------------------------------------------------------------------ */

typedef long syscall_function(long number, ...);

/* The C library's. Found by whoever is first; the others find the same. */
static syscall_function *real_syscall(void)
{
    static _Atomic(syscall_function *) found; /* relaxed: nothing is behind it */
    syscall_function *function = atomic_load_explicit(&found, memory_order_relaxed);
    if (function == NULL) {
        function = (syscall_function *)(uintptr_t)dlsym(RTLD_NEXT, "syscall");
        if (function == NULL)
            abort();
        atomic_store_explicit(&found, function, memory_order_relaxed);
    }
    return function;
}

/* As a kernel answers that is short of files, whose file cannot be read, or that forbids the call. */
static int error_of(long number)
{
    if (number == SYS_openat)
        return EMFILE;
    return number == SYS_read ? EIO : number == SYS_close ? EINTR : ENOSYS;
}

long syscall(long number, ...)
{
    long arguments[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        arguments[i] = va_arg(list, long);
    va_end(list);
    /* A close is made whatever it answers. */
    long answer = -1;
    bool refused = refuses(REFUSABLE_SYSCALL, error_of(number));
    int error = errno;
    if (!refused || number == SYS_close)
        answer =
            real_syscall()(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
    if (!refused)
        return answer;
    errno = error;
    return -1;
}

/* Before the library's start: what the environment says is to be refused then. */
__attribute__((constructor(101))) static void arm_by_environment(void)
{
    const char *kinds = getenv("REFUSED_KINDS"), *first = getenv("REFUSED_FIRST"), *last = getenv("REFUSED_LAST");
    if (kinds != NULL && first != NULL && last != NULL)
        refusing_kernel_arm((unsigned)strtoul(kinds, NULL, 10), strtoul(first, NULL, 10), strtoul(last, NULL, 10));
}

/* --- calls through the C library's functions ---------------------------------------------------------------------- */

#ifdef SYS_mmap2
#define MMAP(address, length, protection, flags, file, offset) \
    real_syscall()(SYS_mmap2, address, length, protection, flags, file, (offset) / 4096)
#else
#define MMAP(address, length, protection, flags, file, offset) \
    real_syscall()(SYS_mmap, address, length, protection, flags, file, offset)
#endif

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
    if (refuses(REFUSABLE_MMAP, ENOMEM))
        return MAP_FAILED;
    return (void *)(intptr_t)MMAP(address, length, protection, flags, file, offset);
}

/* More mappings than the kernel lets a process have, where one is cut in two. */
int munmap(void *address, size_t length)
{
    return refuses(REFUSABLE_MUNMAP, ENOMEM) ? -1 : (int)real_syscall()(SYS_munmap, address, length);
}

int madvise(void *address, size_t length, int advice)
{
    return refuses(REFUSABLE_MADVISE, ENOMEM) ? -1 : (int)real_syscall()(SYS_madvise, address, length, advice);
}

int mprotect(void *address, size_t length, int protection)
{
    return refuses(REFUSABLE_MPROTECT, ENOMEM) ? -1 : (int)real_syscall()(SYS_mprotect, address, length, protection);
}

void *mremap(void *address, size_t old_length, size_t length, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    void *target = (flags & MREMAP_FIXED) != 0 ? va_arg(arguments, void *) : NULL;
    va_end(arguments);
    if (refuses(REFUSABLE_MREMAP, ENOMEM))
        return MAP_FAILED;
    return (void *)(intptr_t)real_syscall()(SYS_mremap, address, old_length, length, flags, target);
}

int mincore(void *address, size_t length, unsigned char *pages)
{
    return refuses(REFUSABLE_MINCORE, ENOMEM) ? -1 : (int)real_syscall()(SYS_mincore, address, length, pages);
}
