/* SPDX-License-Identifier: MIT */
/* Guard pages between slabs (security.guard_pages): the last of the kernel's pages of each slab is inaccessible, and no
 * block lies in it (size_class_guard_bytes).
 *
 * Whoever makes or deletes the slab. Below: size_class, pool, base/os_guard. */
#ifndef HAK_HEAP_SLAB_GUARD_H
#define HAK_HEAP_SLAB_GUARD_H

#include "lib/space/pool.h"

/* The slab's pages are RUN from now on. USED: there may be memory behind the guard page, which goes back. Where the
 * kernel refuses it there is none, which is said once. */
COLD void slab_guard_close(const struct page_run *run, bool used);

/* The slab goes, and others may lie in RUN. False if the kernel leaves the page inaccessible: then none may. */
COLD bool slab_guard_open(const struct page_run *run);

#endif
