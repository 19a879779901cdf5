/* SPDX-License-Identifier: MIT */
#include "lib/api/malloc.h"
#include "lib/base/gate.h"
#include "lib/harden/harden.h"
#include "lib/heap/refill.h"
#include "lib/sample/sample.h"

#include <hakmem/hakmem.h>

#include <errno.h>
#include <string.h>

/* From this size on a block that was never handed out, and so is zero, is worth a walk to the slab: clearing 1 KiB
 * costs about as much. Only where the stack is empty and no other class lends: a block that was used is warm, and
 * taking a fresh one instead would make the program larger. */
#define UNTOUCHED_MIN_BYTES 1024

/* A block of a slab that is known to be zero, or NULL. */
static void *take_untouched(size_t size)
{
    struct thread_cache *cache = thread_cache_of_thread;
    unsigned class = size_class_of(size);
    if (cache == THREAD_CACHE_NONE || UNLIKELY(harden_is_on) ||
        atomic_load_explicit(&cache->hot.top[class], memory_order_relaxed)[-1] != NULL)
        return NULL;
    bool counted = sample_is_on();
    if (thread_cache_would_borrow(cache, class) || UNLIKELY(counted && !sample_would_pass(class)) ||
        UNLIKELY(!gate_enter()))
        return NULL;
    void *block = refill_take_zeroed(&cache->heap, class);
    gate_leave();
    if (UNLIKELY(counted) && block != NULL)
        sample_count_passed(class);
    return block;
}

static void *take_large(size_t size)
{
    bool zeroed;
    void *block = malloc_exact(size, BLOCK_ALIGNMENT, true, &zeroed);
    if (UNLIKELY(block == NULL))
        errno = ENOMEM;
    else if (!zeroed)
        memset(block, 0, size);
    return block;
}

HAK_EXPORT void *hak_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (UNLIKELY(__builtin_mul_overflow(count, size, &bytes))) {
        errno = ENOMEM;
        return NULL;
    }
    void *block;
    if (UNLIKELY(bytes > SMALL_MAX_BYTES))
        return take_large(bytes);
    if (bytes >= UNTOUCHED_MIN_BYTES && (block = take_untouched(bytes)) != NULL)
        return block;
    block = malloc_fast(bytes);
    if (LIKELY(block != NULL))
        memset(block, 0, bytes);
    return block;
}
