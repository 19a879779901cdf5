/* SPDX-License-Identifier: MIT */
/* Call stacks in reports of misuse (base/report.h): a line for each frame, innermost first, with blanks before it, "#0
 * /lib/library.so+0x1234 (function)". The number is an address as the file has them, of the call, so that addr2line
 * takes it; hakmem-tune symbolize makes functions and lines of these. Nothing is allocated but mappings, and these go
 * again.
 *
 * The functions are read from the files, and where these are the kernel is asked (/proc/self/maps). A program under a
 * filter of system calls might be ended for opening one: there the loader is asked for the files, and no function is
 * named.
 *
 * Any thread, any signal handler. Below: stack_walk, symbols, base. */
#ifndef HAK_SAMPLE_STACK_REPORT_H
#define HAK_SAMPLE_STACK_REPORT_H

#include "lib/base/compiler.h"

#include <stdint.h>

/* Frames of a stack that are written. */
#define STACK_REPORT_FRAMES 32

/* From now on the stack of the call stands below each report of misuse. */
COLD void stack_report_start(void);

/* Writes the stack of DEPTH return addresses; of those behind STACK_REPORT_FRAMES none. */
COLD void stack_report_write(const uintptr_t *frames, uint32_t depth);

/* Writes that of the calling thread, but for this library's frames. */
COLD void stack_report_write_own(void);

#endif
