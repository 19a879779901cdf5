/* SPDX-License-Identifier: MIT */
/* Which module, program or shared library, an address of code lies in, where its unwind tables are, and which file it
 * is.
 *
 * With glibc 2.35 the loader answers without a lock. An older one takes the loader's lock, which the thread may hold
 * already. Another C library's lock must not be taken twice: there the modules are those of the start of the profile,
 * and stacks end in what was loaded later. Any thread may call anything. Below: base. */
#ifndef HAK_SAMPLE_MODULES_H
#define HAK_SAMPLE_MODULES_H

#include "lib/base/writer.h"

#include <stdbool.h>
#include <stdint.h>

struct module {
    uintptr_t start, end;       /* of what is mapped of it */
    const uint8_t *frame_table; /* its .eh_frame_hdr; NULL where it has none */
    uintptr_t base;             /* less than its addresses in memory are those that its file has */
    const char *name;           /* as the loader has it: the file's, or nothing. Valid until the module is unloaded */
};

/* Where there is no look-up without a lock: notes what is loaded. No signal handler. */
COLD void modules_start(void);

/* The module of ADDRESS; false where there is none. */
bool module_find(uintptr_t address, struct module *module);

/* Appends "/lib/library.so+0x1234", whose number is an address as the file has them, or "0x7f..." where no file is
 * known. The program's own file is as it was called. No file is opened, and no system call made. */
COLD void module_locate(uintptr_t address, struct writer *writer);

#endif
