/* SPDX-License-Identifier: MIT */
/* What the profile's security section has done to small blocks. All threads' caches are hidden (thread/held_cache.h),
 * so that each call takes its slow path: malloc's has each block pass harden_after_take, and that of free
 * harden_before_free. The default profile comes here never.
 *
 * Any thread may call anything; no lock is held. Below: canary, zero, zero_size, heap. */
#ifndef HAK_HARDEN_HARDEN_H
#define HAK_HARDEN_HARDEN_H

#include "lib/base/compiler.h"
#include "lib/harden/canary.h"
#include "lib/heap/size_class.h"
#include "lib/profile/active.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether any measure is on that blocks have to pass here for: const after the start, and true before it, so that the
 * malloc that starts the process comes to ask again. */
extern HIDDEN bool harden_is_on;

/* Reads the profile. Called once, by the start. */
COLD void harden_start(void);

/* How many bytes to ask for where SIZE are wanted. */
static inline size_t harden_bytes(size_t size)
{
    return HAK_PROFILE(security_canaries) && size <= SMALL_MAX_BYTES ? size + CANARY_BYTES : size;
}

/* The block of CLASS at BLOCK, or NULL, is the next one to be taken: asks for cache lines that it is looked at in. */
static inline void harden_prefetch(unsigned class, const void *block)
{
    if (HAK_PROFILE(security_zero_on_free) || HAK_PROFILE(security_canaries)) {
        prefetch_for_write(block);
        prefetch_for_write((const char *)block + size_classes[class].size - 1);
    }
}

/* BLOCK was taken for SIZE bytes. */
void harden_after_take(void *block, size_t size);

/* Whether the block of CLASS at BLOCK, if the program has one there, may be freed; if not that was reported
 * (report_misuse), and it is to be left alone. */
bool harden_before_free(unsigned class, void *block);

/* The block of CLASS at BLOCK, which has passed harden_before_free, goes from its thread to its slab or to another
 * thread, or that thread or the process ends. */
void harden_after_wait(unsigned class, void *block);

/* The same of COUNT blocks. */
static inline void harden_after_waits(unsigned class, void *const *blocks, size_t count)
{
    if (UNLIKELY(HAK_PROFILE(security_zero_on_free)))
        for (size_t i = 0; i < count; i++)
            harden_after_wait(class, blocks[i]);
}

/* BLOCK, which has passed harden_before_free, was left at the gate (base/gate.h), which had its first bytes for an
 * address. */
COLD void harden_after_gate(void *block);

/* Bytes that may be used in the block of CLASS at BLOCK. SIZE_MAX where the program has none there, or it was written
 * to behind these, which is reported (report_misuse); FUNCTION names the caller. */
size_t harden_usable(unsigned class, const void *block, const char *function);

#endif
