/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The process that is inspected: whether it may be, and whether it has a heap that can be read. What stands in the way
 * is said in one line, with what to do.
 *
 * One thread at a time. Below: find, layout, memory, race/allocator. */
#ifndef HAK_INSPECT_TARGET_H
#define HAK_INSPECT_TARGET_H

#include "cli/inspect/find.h"
#include "cli/inspect/layout.h"

#define TARGET_MESSAGE (PATH_MAX + 512)

struct target {
    pid_t pid;
    char program[32]; /* as the kernel calls it; whatever bytes the process has set */
    uint64_t started; /* in the kernel's ticks since boot: another process with the same number has another */
    struct memory memory;
    struct layout layout;
    uint64_t root;          /* its address */
    char library[PATH_MAX]; /* the file that has it, as the process has mapped it */
    size_t other_heaps;     /* of libhakmem, which are not looked at */
};

/* Finds the heap of PID. False: MESSAGE says why not. Close with target_close. */
bool target_open(struct target *target, pid_t pid, char *message, size_t size);
void target_close(struct target *target);

/* Whether the process still is what was opened: it has not ended and runs the same program. False: MESSAGE says what
 * has become of it. */
bool target_is_there(struct target *target, char *message, size_t size);

#endif
