/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the root of libhakmem (hakmem/inspect.h) is in a process's memory. It is found by the ELF note that leads to
 * it, in the headers of the files that are mapped as they are in memory: so no file is opened, which may be gone,
 * replaced, or another one in the process's mount namespace, and a program that the library is linked into needs no
 * symbols.
 *
 * One thread at a time. Below: memory. */
#ifndef HAK_INSPECT_FIND_H
#define HAK_INSPECT_FIND_H

#include "cli/inspect/memory.h"

#include <limits.h>

/* A program may have the library linked into it and preloaded, and plug-ins with copies of their own. */
#define FIND_MOST 8

struct found_root {
    uint64_t address;
    char path[PATH_MAX]; /* of the file, as the process has mapped it */
};

struct find {
    struct found_root root[FIND_MOST];
    size_t count;
    bool is_readable;       /* there are mappings, and the headers of one could be read */
    bool has_library;       /* a file that is called libhakmem is mapped, with a root or without */
    char library[PATH_MAX]; /* where that is so: its path */
    bool is_other_machine;  /* no header is one of this processor and word size */
};

/* Looks at all that is mapped. False where that cannot be asked, with errno. */
bool find_roots(struct memory *memory, struct find *find);

#endif
