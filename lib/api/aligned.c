/* SPDX-License-Identifier: MIT */
#include "lib/api/malloc.h"
#include "lib/base/bootstrap_arena.h"
#include "lib/base/os.h"
#include "lib/thread/attach.h"

#include <hakmem/hakmem.h>

#include <errno.h>

static bool is_power_of_two(size_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

/* SIZE bytes at a multiple of ALIGNMENT, a power of two; NULL, without setting errno, if memory is refused. A class
 * whose size is a multiple of the alignment is aligned by nature; where there is none the block is large. */
static void *take(size_t alignment, size_t size)
{
    struct thread_cache *cache;
    bool zeroed;
    if (attach_thread(&cache) == ATTACH_STARTING)
        return bootstrap_take(size, alignment);
    unsigned class = size_class_aligned(size, alignment);
    if (class < size_class_count)
        return malloc_class(class);
    if (size > PTRDIFF_MAX || alignment > PTRDIFF_MAX)
        return NULL;
    return malloc_large(size, alignment, &zeroed);
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
    if (alignment > (size_t)1 << 62) { /* no power of two above it that a size could reach */
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
