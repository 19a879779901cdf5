/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which shared library is meant: ours, or a peer's that is installed on this machine.
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

/* A peer: a FILE.so (anything with a slash or ".so" in it), or jemalloc, mimalloc or tcmalloc, looked for in
 * $LD_LIBRARY_PATH and in the system's library directories. "glibc" has no file: callers preload nothing for it.
 * Returns its absolute path (malloc'd), or NULL with the reason, which says what to install, in MESSAGE. */
char *library_find_peer(const char *name, char *message, size_t size);

/* The first library in those places whose name is like one of PATTERNS (for glob, NULL at the end), the first of them
 * that any is like. Returns its absolute path (malloc'd), or NULL. */
char *library_find_installed(const char *const *patterns);

#endif
