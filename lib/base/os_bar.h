/* SPDX-License-Identifier: MIT */
/* Of the system calls (os.h) that which bars addresses. As there, it does not allocate, lock, or change errno. Nothing
 * is below. */
#ifndef HAK_BASE_OS_BAR_H
#define HAK_BASE_OS_BAR_H

#include <stdbool.h>
#include <stddef.h>

/* Gives the memory of whole pages back and keeps their addresses, whose use is a SIGSEGV from now on, until os_unmap.
 * False if refused: all is as it was. */
bool os_bar(void *address, size_t bytes);

#endif
