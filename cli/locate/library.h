/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which shared library is meant: ours, one by its path, or one that is installed on this machine.
 *
 * No state; any thread may call anything. Below: program. */
#ifndef HAK_LOCATE_LIBRARY_H
#define HAK_LOCATE_LIBRARY_H

#include <stddef.h>

/* The libhakmem.so that trials preload: FILE if it is not NULL, else $HAKMEM_LIBRARY, else the one that belongs to the
 * running program: in its build tree, or where it was installed. Returns its absolute path (malloc'd), or NULL with the
 * reason in MESSAGE. */
char *library_find_ours(const char *file, char *message, size_t size);

/* The library that counts calls (cli/count), which lies where ours does. Returns its absolute path (malloc'd), or NULL.
 */
char *library_find_counter(void);

/* The library at PATH, which has to know malloc. Returns its absolute path (malloc'd), or NULL with the reason in
 * MESSAGE. */
char *library_find_file(const char *path, char *message, size_t size);

/* The first library in $LD_LIBRARY_PATH and in the system's library directories whose name is like one of PATTERNS (for
 * glob, NULL at the end), the first of them that any is like. Returns its absolute path (malloc'd), or NULL. */
char *library_find_installed(const char *const *patterns);

#endif
