/* SPDX-License-Identifier: MIT */
/* The process's start: the profile, the tables, the key that tells of threads' ends, the handlers for
 * fork. And the end of that start, after which what only it needed leaves memory.
 *
 * The library starts before the program's constructors where the loader runs it first, and at the first call otherwise;
 * other threads wait meanwhile. Any thread may call anything. Below: detach, fork, divert, size_class, the
 * profile. */
#ifndef HAK_THREAD_START_H
#define HAK_THREAD_START_H

#include <stdbool.h>

/* Starts the process if need be. True when it is ready; false in the thread that is starting it, and always where this
 * library has stepped aside (space/aside.h). */
bool start_process(void);

#endif
