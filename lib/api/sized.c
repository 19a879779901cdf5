/* SPDX-License-Identifier: MIT */
#include "lib/api/sized.h"

#include "lib/api/free.h"
#include "lib/api/usable.h"
#include "lib/base/report.h"
#include "lib/harden/canary.h"
#include "lib/profile/active.h"

#include <hakmem/hakmem.h>

static bool is_all(size_t size, size_t alignment, size_t usable)
{
    (void)alignment;
    return size_maximum(size, 1) == usable;
}

static bool is_within(size_t size, size_t alignment, size_t usable)
{
    (void)alignment;
    return size <= usable;
}

/* A large block may be longer than its pages: it was another one's before. */
static bool is_as_asked(size_t size, size_t alignment, size_t usable)
{
    if (HAK_PROFILE(security_canaries) && usable <= SMALL_MAX_BYTES - CANARY_BYTES)
        return size == usable;
    unsigned class = alignment > BLOCK_ALIGNMENT ? size_class_aligned(size, alignment) : size_class_count;
    if (alignment <= BLOCK_ALIGNMENT && size <= SMALL_MAX_BYTES)
        class = size_class_of(size);
    return class < size_class_count ? usable == size_classes[class].size : usable >= size;
}

/* Whether the block at POINTER is none that FITS; then that was reported. */
static ALWAYS_INLINE bool is_misfit(const void *pointer, size_t size, size_t alignment,
                                    bool (*fits)(size_t size, size_t alignment, size_t usable), const char *function)
{
    uint32_t entry = page_map_entry(pointer);
    if (entry == PAGE_FOREIGN)
        return false;
    size_t usable = usable_bytes_in(pointer, entry, function);
    if (usable == USABLE_NONE)
        return true;
    if (LIKELY(fits(size, alignment, usable)))
        return false;
    report_misuse("%s: %p is not a block of %zu bytes, but one of %zu", function, pointer, size, usable);
    return true;
}

bool sized_is_wrong(const void *pointer, size_t size, const char *function)
{
    return is_misfit(pointer, size, BLOCK_ALIGNMENT, is_within, function);
}

bool sized_is_not_object(const void *pointer, size_t size, size_t alignment)
{
    bool guarded = page_map_entry(pointer) == PAGE_GUARDED; /* its usable size is what was asked for */
    return is_misfit(pointer, size, alignment, guarded ? is_all : is_as_asked, "operator delete");
}

HAK_EXPORT void hak_free_sized(void *pointer, size_t size)
{
    if (LIKELY(!sized_is_wrong(pointer, size, "free_sized")))
        free_fast(pointer);
}

HAK_EXPORT void hak_free_aligned_sized(void *pointer, size_t alignment, size_t size)
{
    (void)alignment;
    if (LIKELY(!sized_is_wrong(pointer, size, "free_aligned_sized")))
        free_fast(pointer);
}
