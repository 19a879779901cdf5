/* SPDX-License-Identifier: MIT */
/* How realloc changes a large block without copying. It shrinks in place. A run grows into the free pages behind it,
 * and a mapping into the free addresses; where they are in use, the memory moves to other addresses, as a mapping. */
#include "lib/base/os.h"
#include "lib/base/probe.h"
#include "lib/space/huge.h"
#include "lib/space/large_block.h"
#include "lib/space/large_guard.h"
#include "lib/space/page_map.h"
#include "lib/space/place.h"
#include "lib/space/pool.h"

#include <string.h>

/* realloc of a mapping that grows gets an eighth more address space than asked for, so that a block which grows step by
 * step is not moved at every step. Untouched, it costs no memory. */
#define GROWTH_SHARE 8

/* realloc gives back what is more than a quarter of the block. */
#define SHRINK_SHARE 4

/* Addresses for a mapping of BYTES, where huge pages fit. */
static char *map_target(size_t bytes)
{
    return place_map(bytes, huge_pages_fit(bytes) ? size_maximum(os_huge_page_bytes(), PAGE_BYTES) : PAGE_BYTES);
}

/* Sets a block's size after its pages have changed. */
static void set_bytes(struct large *large, size_t bytes)
{
    count_add(&large_totals.block_bytes, bytes - large->bytes);
    if (large->superslab == NULL)
        count_add(&large_totals.mapping_bytes, bytes - large->bytes);
    large->bytes = bytes;
    large_note(large);
}

static void shrink(struct large *large, size_t bytes)
{
    char *tail = large->base + bytes;
    if (large->superslab == NULL) {
        os_unmap(tail, large->bytes - bytes);
        pool_note_mapping(-(int64_t)(large->bytes - bytes));
    } else {
        pool_give(&(struct page_run){
            .base = tail, .pages = (large->bytes - bytes) >> PAGE_SHIFT, .superslab = large->superslab});
    }
    set_bytes(large, bytes);
}

static bool grow_run(struct large *large, size_t bytes)
{
    struct page_run run = {.base = large->base, .pages = large->bytes >> PAGE_SHIFT, .superslab = large->superslab};
    if (!pool_extend(&run, (bytes - large->bytes) >> PAGE_SHIFT))
        return false;
    large->fresh &= run.zeroed;
    set_bytes(large, bytes);
    return true;
}

static size_t roomy_bytes(size_t bytes)
{
    return round_up(bytes + bytes / GROWTH_SHARE, PAGE_BYTES);
}

/* A mapping that has grown has huge pages or none by what it holds. */
static void advise(struct large *large, size_t old_bytes)
{
    os_advise_huge(large->base, large->bytes, huge_pages_for_grown(large->base, old_bytes, large->bytes));
}

static bool grow_mapping(struct large *large, size_t bytes)
{
    size_t roomy = roomy_bytes(bytes);
    size_t more = roomy - large->bytes;
    if (os_extend(large->base, large->bytes, roomy)) {
        pool_note_mapping((int64_t)more);
        set_bytes(large, roomy);
        advise(large, roomy - more);
        return true;
    }
    char *target = map_target(roomy);
    if (target == NULL)
        return false;
    if (!page_map_set(target, 1, PAGE_LARGE, large)) {
        os_unmap(target, roomy);
        return false;
    }
    if (!os_move(large->base, large->bytes, target, roomy)) {
        page_map_clear(target, 1);
        return false;
    }
    page_map_clear(large->base, 1);
    large->base = target;
    pool_note_mapping((int64_t)more);
    set_bytes(large, roomy);
    advise(large, roomy - more);
    return true;
}

/* Addresses for BYTES, behind which there is room for LATER bytes in all. */
static char *map_part(size_t bytes, size_t later)
{
    char *target = map_target(later);
    if (target != NULL)
        os_unmap(target + bytes, later - bytes);
    return target;
}

/* Moves OLD_BYTES at BASE to TARGET, addresses of map_part, where they then have NEW_BYTES. False: all is as it was but
 * for TARGET, which is unmapped. Another thread may have mapped the addresses behind TARGET meanwhile. */
static bool move_memory(char *base, size_t old_bytes, char *target, size_t new_bytes)
{
    bool moved = os_move_memory(base, old_bytes, target);
    if (moved && (os_extend(target, old_bytes, new_bytes) || os_map_behind(target, old_bytes, new_bytes)))
        return true;
    if (moved)
        memcpy(base, target, old_bytes);
    os_unmap(target, old_bytes);
    return false;
}

/* A run becomes a mapping of its own, and grows at once: if it could not grow after it has moved, realloc would copy
 * from where it was. The block goes by the new address once it is known there, and no page map forgets the old one
 * before. */
static bool become_mapping(struct large *large, size_t bytes)
{
    struct page_run run = {.base = large->base, .pages = large->bytes >> PAGE_SHIFT, .superslab = large->superslab};
    size_t old_bytes = large->bytes, roomy = roomy_bytes(bytes);
    char *target = old_bytes >= LARGE_MAPPING_FROM ? map_part(old_bytes, roomy) : NULL;
    if (target == NULL)
        return false;
    if (!page_map_set(target, 1, PAGE_LARGE, large)) {
        os_unmap(target, old_bytes);
        return false;
    }
    if (!move_memory(large->base, old_bytes, target, roomy)) {
        page_map_clear(target, 1);
        return false;
    }
    page_map_clear(large->base, 1);
    large->base = target;
    large->superslab = NULL;
    count_add(&large_totals.mappings, 1);
    count_add(&large_totals.mapping_bytes, old_bytes);
    pool_note_mapping((int64_t)(roomy - old_bytes));
    set_bytes(large, roomy);
    advise(large, old_bytes);
    os_advise_huge(run.base, run.pages << PAGE_SHIFT, run.superslab->huge);
    pool_give_moved(&run);
    return true;
}

static bool grow(struct large *large, size_t bytes)
{
    if (large->superslab == NULL)
        return grow_mapping(large, bytes);
    return grow_run(large, bytes) || become_mapping(large, bytes);
}

static bool resize_guarded(struct large *large, size_t bytes)
{
    size_t mapped = large->bytes;
    if (!large_guard_resize(large, bytes, &mapped))
        return false;
    set_bytes(large, mapped);
    return true;
}

static bool resize(struct large *large, size_t bytes)
{
    bool done = bytes <= large->bytes || grow(large, bytes);
    if (done && bytes < large->bytes - large->bytes / SHRINK_SHARE)
        shrink(large, bytes);
    return done;
}

void *large_resize(void *pointer, size_t bytes)
{
    if (bytes > PTRDIFF_MAX - PTRDIFF_MAX / GROWTH_SHARE)
        return NULL;
    large_lock();
    struct large *large = large_find(pointer, "realloc");
    if (UNLIKELY(large == NULL))
        return NULL;
    bool done = large_is_guarded() ? resize_guarded(large, bytes)
                                   : resize(large, size_maximum(round_up(bytes, PAGE_BYTES), PAGE_BYTES));
    void *result = done ? large_start(large) : NULL;
    PROBE(large_resize, pointer, result, large->bytes);
    large_unlock();
    return result;
}
