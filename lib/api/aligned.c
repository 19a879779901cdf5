/* SPDX-License-Identifier: MIT */
#include "lib/api/malloc.h"
#include "lib/base/os.h"
#include "lib/thread/attach.h"

#include <hakmem/hakmem.h>

#include <errno.h>

static bool is_power_of_two(size_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

/* A class whose size is a multiple of the alignment is aligned by nature; where there is none the block is large. */
static void *take(size_t alignment, size_t size)
{
    bool zeroed;
    return malloc_exact(size, alignment, false, &zeroed);
}

static void *take_or_enomem(size_t alignment, size_t size)
{
    void *block = take(alignment, size);
    if (UNLIKELY(block == NULL))
        errno = ENOMEM;
    return block;
}

HAK_EXPORT int hak_posix_memalign(void **result, size_t alignment, size_t size)
{
    if (!is_power_of_two(alignment) || alignment % sizeof(void *) != 0)
        return EINVAL;
    int saved = errno;
    void *block = take(alignment, size);
    errno = saved;
    if (UNLIKELY(block == NULL))
        return ENOMEM;
    *result = block;
    return 0;
}

HAK_EXPORT void *hak_aligned_alloc(size_t alignment, size_t size)
{
    if (!is_power_of_two(alignment)) {
        errno = EINVAL;
        return NULL;
    }
    return take_or_enomem(alignment, size);
}

HAK_EXPORT void *hak_memalign(size_t alignment, size_t size)
{
    if (alignment > (size_t)1 << 63) { /* there is no power of two above it */
        errno = EINVAL;
        return NULL;
    }
    size_t power = BLOCK_ALIGNMENT;
    while (power < alignment)
        power *= 2;
    return take_or_enomem(power, size);
}

/* The kernel's page size, also in the first call of a process, which starts the allocator. */
static size_t page_bytes(void)
{
    struct thread_cache *cache;
    attach_thread(&cache);
    return os_page_bytes;
}

HAK_EXPORT void *hak_valloc(size_t size)
{
    return take_or_enomem(page_bytes(), size);
}

HAK_EXPORT void *hak_pvalloc(size_t size)
{
    if (UNLIKELY(size > PTRDIFF_MAX)) {
        errno = ENOMEM;
        return NULL;
    }
    size_t page = page_bytes();
    return take_or_enomem(page, size_maximum(round_up(size, page), page));
}
