/* SPDX-License-Identifier: MIT */
/* When empty memory goes back to the kernel: by delay, never by reflex, and without a thread of its own. Slow paths
 * tick; what is due is done. Any thread may call anything. Below: pool, large. */
#ifndef HAK_SPACE_PURGE_H
#define HAK_SPACE_PURGE_H

#include <stdbool.h>
#include <stddef.h>

/* Gives back what has waited for the profile's delay. Two loads when nothing waits. */
void purge_tick(void);

/* Gives all empty memory back now but for KEEP bytes of it (malloc_trim). Returns the bytes. */
size_t purge_all(size_t keep);

/* Unmaps all that is empty or cached, because the kernel has refused a mapping: it counts addresses, not memory. False
 * if there was nothing. */
bool purge_reclaim(void);

#endif
