/* SPDX-License-Identifier: MIT */
/* The system calls that guarded sampling alone makes, as os.h has all others: addresses that nobody may touch, and
 * whose a call is. Functions keep errno. Any thread may call anything. Nothing is below. */
#ifndef HAK_BASE_OS_GUARDED_H
#define HAK_BASE_OS_GUARDED_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* BYTES of address space at a multiple of ALIGNMENT, a power of two, that nobody may touch (os_make_writable changes
 * that); NULL if refused. */
COLD void *os_reserve_forbidden(size_t bytes, size_t alignment);

/* Gives the memory of whole pages back and has nobody touch them; the addresses stay. False if refused. */
bool os_forbid(void *address, size_t bytes);

/* The kernel's number of the calling thread. */
uint32_t os_thread(void);

/* Nanoseconds for which the calling thread has run. */
uint64_t os_thread_nanoseconds(void);

#endif
