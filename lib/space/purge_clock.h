/* SPDX-License-Identifier: MIT */
/* The time that empty memory waits by: milliseconds in which the program allocates and frees.
 *
 * A pause counts as PURGE_CLOCK_PAUSE_MS at most, however long it was: the program slept, or had no processor. Memory
 * would else be due exactly when the program comes back and wants it, and since nobody gives it back in between, a
 * longer wait costs nothing until then.
 *
 * Any thread may call this, with or without a lock. Below: os. */
#ifndef HAK_SPACE_PURGE_CLOCK_H
#define HAK_SPACE_PURGE_CLOCK_H

#include <stdint.h>

#define PURGE_CLOCK_PAUSE_MS 8 /* two steps of the coarse clock below */

/* Never goes back, and never is 0. */
uint64_t purge_clock(void);

#endif
