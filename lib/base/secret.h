/* SPDX-License-Identifier: MIT */
/* Numbers that nobody outside of the process knows, from the random bytes that the kernel hands each process: what
 * canaries and patterns are made of, and the random numbers by which addresses are chosen. The C library makes secrets
 * of its own of these bytes, so they go into sums of which none can be told. Who can read the heap sees addresses, and
 * so a few bits of random numbers.
 *
 * Any thread may call anything. Below: splitmix. */
#ifndef HAK_BASE_SECRET_H
#define HAK_BASE_SECRET_H

#include "lib/base/compiler.h"
#include "lib/base/splitmix.h"

#include <stdint.h>

/* What a number is for: each use has one of its own. */
enum secret_use {
    SECRET_OF_QUARANTINE = 1,
    SECRET_OF_LARGE_QUARANTINE,
    SECRET_OF_PATTERNS,
    SECRET_OF_PATTERNS_TOO,
    SECRET_OF_PLACES
};

/* The same in a fork. */
COLD uint64_t secret_for(enum secret_use use);

/* Makes what the functions below need. Called once, by the start, where the profile has a measure that does. */
COLD void secret_start(void);

extern HIDDEN uint64_t secret_of_masks, secret_of_masks_too; /* const after the start */

/* The number that belongs to an address: the same each time, and another one in each process. The scatter can be
 * undone: by the second secret a mask that is known tells neither of them, nor another mask. */
static inline uint64_t secret_mask(const void *address)
{
    return splitmix_scatter(secret_of_masks ^ (uintptr_t)address) + secret_of_masks_too;
}

/* A random number. */
uint64_t secret_random(void);

/* In the child of a fork: its random numbers become others than the parent's, with NOISE that both do not share. */
COLD void secret_note_fork(uint64_t noise);

/* A pattern's byte, from such a mask. Not 0: what is written behind a string's end is. */
static inline unsigned char secret_byte(uint64_t mask)
{
    return (unsigned char)(mask >> 56 | 1);
}

#endif
