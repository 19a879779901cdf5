/* SPDX-License-Identifier: MIT */
/* What a record says of the process that it is from. After process_start any thread and any signal handler may call
 * anything here. Below: writer. */
#ifndef HAK_BASE_PROCESS_H
#define HAK_BASE_PROCESS_H

#include "lib/base/writer.h"

#include <stdint.h>

/* Keeps the program's name, before the program writes over its arguments, and has forks noted from now on. Called once
 * at most, before a second thread can be there. */
COLD void process_start(void);

/* Called in the child of each fork. */
COLD void process_note_fork(void);

/* The program's name without its folder: as it was at process_start, or as the C library knows it. Never NULL. */
COLD const char *process_name(void);

/* The process that forked this one, after process_start; 0 where this one is no such child, or nobody noted it. */
COLD uint64_t process_forked_from(void);

/* Seconds since 1970, in UTC, as "2026-01-31T23:59:59Z"; with COMPACT as "20260131T235959Z". */
COLD void process_add_time(struct writer *, uint64_t seconds, bool compact);

#endif
