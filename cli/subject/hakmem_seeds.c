/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See hakmem_seeds.h. */
#include "config.h"

#include "cli/subject/hakmem_seeds.h"

#include "lib/base/units.h"

#define SEED_COUNT 9

static void set_large_caches(const struct machine_limits *machine, struct hak_profile *profile)
{
    /* A quarter of the second-level cache for one class leaves room for the others and for the program. */
    uint64_t bytes = machine->l2 / 4;
    profile->thread_cache_max_objects = 1024;
    profile->thread_cache_max_bytes = bytes > HAKMEM_LEAST_CACHE_BYTES ? bytes : HAKMEM_LEAST_CACHE_BYTES;
    profile->thread_cache_growth = 8; /* what is large from the start needs to grow less */
}

static void set_small_caches(const struct machine_limits *machine, struct hak_profile *profile)
{
    (void)machine;
    profile->thread_cache_max_objects = 64;
    profile->thread_cache_max_bytes = 16 * HAK_KIB;
    profile->remote_free_drain_threshold = 64;
}

static void set_huge_pages(const struct machine_limits *machine, struct hak_profile *profile)
{
    (void)machine;
    profile->pages_huge = HAK_HUGE_MADVISE;
}

static void set_wide_superslabs(const struct machine_limits *machine, struct hak_profile *profile)
{
    uint64_t huge_page = machine->huge_page_size ? machine->huge_page_size : 2 * HAK_MIB;
    profile->superslab_size = 8 * huge_page;
    profile->superslab_keep_empty = 4;
}

static void set_prompt_purging(const struct machine_limits *machine, struct hak_profile *profile)
{
    (void)machine;
    profile->superslab_keep_empty = 0;
    profile->purge_delay = 0;
    profile->large_cache = 0;
}

/* Resident is only what the program itself touches. */
static void set_touched_pages(const struct machine_limits *machine, struct hak_profile *profile)
{
    (void)machine;
    profile->pages_huge = HAK_HUGE_NEVER;
    profile->pages_prefault = HAK_PREFAULT_NONE;
}

static void set_narrow_superslabs(const struct machine_limits *machine, struct hak_profile *profile)
{
    (void)machine;
    profile->superslab_size = 512 * HAK_KIB;
}

static void set_late_purging(const struct machine_limits *machine, struct hak_profile *profile)
{
    (void)machine;
    profile->purge_delay = 3200;
    profile->large_cache = HAK_GIB;
}

static void set_fine_classes(const struct machine_limits *machine, struct hak_profile *profile)
{
    (void)machine;
    profile->size_classes_spacing = 8;
}

static void set_lending(const struct machine_limits *machine, struct hak_profile *profile)
{
    (void)machine;
    profile->size_classes_borrow_limit = 1048576;
}

static void set_all_shared(const struct machine_limits *machine, struct hak_profile *profile)
{
    (void)machine;
    profile->heap_shared = HAK_SHARED_ALL;
}

typedef void seed_step(const struct machine_limits *, struct hak_profile *);
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

bool hakmem_seed(const struct machine_limits *machine, bool low_memory, size_t index, struct hak_profile *profile)
{
    seed_step *const(*seeds)[SEED_STEPS] = low_memory ? memory_seeds : speed_seeds;
    if (index >= SEED_COUNT)
        return false;
    for (size_t step = 0; step < SEED_STEPS && seeds[index][step]; step++)
        seeds[index][step](machine, profile);
    return true;
}
