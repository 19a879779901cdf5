/* SPDX-License-Identifier: MIT */
#include "lib/space/place.h"

#include "lib/base/os.h"
#include "lib/base/os_guard.h"
#include "lib/base/secret.h"
#include "lib/profile/active.h"

#define RANGE_MOST ((uintptr_t)64 << 30)
/* Where a program has fewer addresses (39 bits of them, say) the range is so small a part. */
#define RANGE_SHARE 64

/* The end of a program's addresses, as its stack shows: a power of two. */
static uintptr_t addresses_end(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    return (uintptr_t)1 << (64 - __builtin_clzll(here));
}

/* The range lies above the first eighth of the addresses, where some programs do, and below their middle, above which
 * the kernel puts other programs and all mappings. */
char *place_hint(void)
{
    if (!HAK_PROFILE(security_randomize))
        return NULL;
    uintptr_t end = addresses_end(), range = size_minimum(RANGE_MOST, end / RANGE_SHARE);
    uintptr_t least = end / 8, ranges = (end / 2 - least) / range;
    uintptr_t first = least + secret_mask(NULL) % ranges * range;
    return (char *)(first + (secret_random() & (range - 1))); /* NOLINT(performance-no-int-to-ptr) */
}

void *place_map(size_t bytes, size_t alignment)
{
    if (!HAK_PROFILE(security_randomize))
        return os_map_aligned(bytes, alignment);
    return os_map_at(bytes, (struct os_place){.alignment = alignment, .hint = place_hint()}, false);
}
