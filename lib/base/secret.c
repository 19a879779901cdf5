/* SPDX-License-Identifier: MIT */
#include "lib/base/secret.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>

uint64_t secret_of_masks, secret_of_masks_too;
static _Atomic uint64_t state; /* of the random numbers; relaxed: each thread gets others, in whatever order */

uint64_t secret_for(enum secret_use use)
{
    uint64_t random[2] = {0}, of_use = (uint64_t)use * SPLITMIX_STEP;
    const void *bytes =
        (const void *)getauxval(AT_RANDOM); /* NOLINT(performance-no-int-to-ptr): as the kernel says it */
    if (bytes != NULL)
        memcpy(random, bytes, sizeof random);
    return splitmix_scatter(splitmix_scatter(random[0] + of_use) + random[1] + (uintptr_t)bytes);
}

void secret_start(void)
{
    secret_of_masks = secret_for(SECRET_OF_PATTERNS);
    secret_of_masks_too = secret_for(SECRET_OF_PATTERNS_TOO);
    atomic_store_explicit(&state, secret_for(SECRET_OF_PLACES), memory_order_relaxed);
}

uint64_t secret_random(void)
{
    uint64_t number = atomic_fetch_add_explicit(&state, SPLITMIX_STEP, memory_order_relaxed);
    return splitmix_scatter(splitmix_scatter(number) ^ secret_of_masks);
}

void secret_note_fork(uint64_t noise)
{
    atomic_fetch_xor_explicit(&state, splitmix_scatter(noise), memory_order_relaxed);
}
