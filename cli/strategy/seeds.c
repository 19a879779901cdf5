/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See seeds.h. */
#include "config.h"

#include "cli/strategy/seeds.h"

#include "lib/base/units.h"

#define SEED_COUNT 9

static void set_large_caches(const struct space *space, struct space_point *point)
{
    /* A quarter of the second-level cache for one class leaves room for the others and for the program. */
    uint64_t bytes = space->machine.l2 / 4;
    space_set(space, point, "thread_cache.max_objects", 1024);
    space_set(space, point, "thread_cache.max_bytes",
              bytes > SPACE_LEAST_CACHE_BYTES ? bytes : SPACE_LEAST_CACHE_BYTES);
    space_set(space, point, "thread_cache.growth", 8); /* what is large from the start needs to grow less */
}

static void set_small_caches(const struct space *space, struct space_point *point)
{
    space_set(space, point, "thread_cache.max_objects", 64);
    space_set(space, point, "thread_cache.max_bytes", 16 * HAK_KIB);
    space_set(space, point, "remote_free.drain_threshold", 64);
}

static void set_huge_pages(const struct space *space, struct space_point *point)
{
    space_set(space, point, "pages.huge", HAK_HUGE_MADVISE);
}

static void set_wide_superslabs(const struct space *space, struct space_point *point)
{
    uint64_t huge_page = space->machine.huge_page_size ? space->machine.huge_page_size : 2 * HAK_MIB;
    space_set(space, point, "superslab.size", 8 * huge_page);
    space_set(space, point, "superslab.keep_empty", 4);
}

static void set_prompt_purging(const struct space *space, struct space_point *point)
{
    space_set(space, point, "superslab.keep_empty", 0);
    space_set(space, point, "purge.delay", 0);
    space_set(space, point, "large.cache", 0);
}

/* Resident is only what the program itself touches. */
static void set_touched_pages(const struct space *space, struct space_point *point)
{
    space_set(space, point, "pages.huge", HAK_HUGE_NEVER);
    space_set(space, point, "pages.prefault", HAK_PREFAULT_NONE);
}

static void set_narrow_superslabs(const struct space *space, struct space_point *point)
{
    space_set(space, point, "superslab.size", 512 * HAK_KIB);
}

static void set_late_purging(const struct space *space, struct space_point *point)
{
    space_set(space, point, "purge.delay", 3200);
    space_set(space, point, "large.cache", HAK_GIB);
}

static void set_fine_classes(const struct space *space, struct space_point *point)
{
    space_set(space, point, "size_classes.spacing", 8);
}

static void set_lending(const struct space *space, struct space_point *point)
{
    space_set(space, point, "size_classes.borrow_limit", 1048576);
}

static void set_all_shared(const struct space *space, struct space_point *point)
{
    space_set(space, point, "heap.shared", HAK_SHARED_ALL);
}

typedef void seed_step(const struct space *, struct space_point *);
#define SEED_STEPS 5

static seed_step *const speed_seeds[SEED_COUNT][SEED_STEPS] = {
    {set_huge_pages, set_large_caches},
    {set_huge_pages},
    {set_huge_pages, set_large_caches, set_wide_superslabs},
    {set_large_caches},
    {set_all_shared},
    {set_huge_pages, set_large_caches, set_wide_superslabs, set_late_purging},
    {set_late_purging},
    {set_huge_pages, set_large_caches, set_fine_classes},
    {set_small_caches},
};

static seed_step *const memory_seeds[SEED_COUNT][SEED_STEPS] = {
    {set_touched_pages, set_small_caches, set_prompt_purging, set_narrow_superslabs, set_lending},
    {set_touched_pages, set_prompt_purging},
    {set_fine_classes},
    {set_small_caches},
    {set_all_shared},
    {set_small_caches, set_lending},
    {set_narrow_superslabs},
    {set_prompt_purging, set_narrow_superslabs},
    {set_small_caches, set_prompt_purging},
};

static bool is_new_seed(const struct space *space, const struct space_point *points, size_t count,
                        const struct space_point *point)
{
    struct space_point default_point = space_default(space);
    if (space_equal(space, point, &default_point))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (space_equal(space, point, &points[i]))
            return false;
    }
    return true;
}

size_t strategy_seeds(const struct space *space, bool low_memory, struct space_point *points, size_t max)
{
    seed_step *const(*seeds)[SEED_STEPS] = low_memory ? memory_seeds : speed_seeds;
    size_t count = 0;
    for (size_t i = 0; i < SEED_COUNT && count < max; i++) {
        struct space_point point = space_default(space);
        for (size_t step = 0; step < SEED_STEPS && seeds[i][step]; step++)
            seeds[i][step](space, &point);
        space_repair(space, &point);
        if (is_new_seed(space, points, count, &point))
            points[count++] = point;
    }
    return count;
}
