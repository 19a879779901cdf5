/* SPDX-License-Identifier: MIT */
/* A mapping cache under test, empty at the beginning of each test and at its end. */
#ifndef TESTS_SPACE_MAPPING_CACHE_H
#define TESTS_SPACE_MAPPING_CACHE_H

#include "lib/profile/active.h"
#include "lib/space/mapping_cache.h"
#include "lib/space/purge_clock.h"
#include "tests/base/child.h"
#include "tests/base/start_os.h"

#define MIB ((size_t)1 << 20)

static struct footprint footprint;
static struct retention retention;
static struct mapping_cache cache;

static size_t last_taken_bytes;

static inline int setup(void **state)
{
    (void)state;
    footprint = (struct footprint){0};
    retention = (struct retention){.footprint = &footprint};
    cache = (struct mapping_cache){.retention = &retention};
    hak_active_profile.purge_delay = 3600 * 1000;
    return 0;
}

static inline bool is_mapped(const char *address)
{
    unsigned char present;
    return mincore((void *)(uintptr_t)address, os_page_bytes, &present) == 0;
}

static inline void unmap_dropped(void)
{
    struct list dropped = mapping_cache_dropped(&cache);
    mapping_cache_unmap(&dropped);
    mapping_cache_reuse(&cache, &dropped);
}

static inline int teardown(void **state)
{
    (void)state;
    mapping_cache_release(&cache, cache.bytes);
    unmap_dropped();
    return 0;
}

static inline void check_bytes(uint64_t bytes)
{
    assert_int_equal(cache.bytes, bytes);
    assert_int_equal(retention.bytes, bytes);
    assert_int_equal(footprint.retained, bytes);
}

/* A fresh mapping of BYTES, which is cached. */
static inline char *add(size_t bytes)
{
    struct mapping mapping = {os_map_aligned(bytes, PAGE_BYTES), bytes};
    assert_non_null(mapping.base);
    assert_true(mapping_cache_add(&cache, mapping));
    return mapping.base;
}

/* Where a request of BYTES is served from; NULL if it is not. A mapping that was not cut is as long as that. */
static inline char *take(size_t bytes, size_t alignment)
{
    struct mapping mapping = {NULL, 0};
    if (!mapping_cache_take(&cache, bytes, alignment, false, &mapping))
        return NULL;
    last_taken_bytes = mapping.bytes;
    assert_true(is_mapped(mapping.base) && is_mapped(mapping.base + mapping.bytes - PAGE_BYTES));
    os_unmap(mapping.base, mapping.bytes);
    return mapping.base;
}

#endif
