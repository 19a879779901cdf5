/* SPDX-License-Identifier: MIT */
#include "lib/space/superslab.h"

#include "lib/base/os.h"
#include "lib/base/probe.h"
#include "lib/base/secret.h"
#include "lib/profile/active.h"
#include "lib/space/metadata.h"
#include "lib/space/place.h"

#include <string.h>

struct superslab_counts superslab_counts;
struct census superslab_census;
_Atomic uint32_t superslab_forks;

static struct list unused_descriptors; /* linked by `link`; under the pool's lock */

#define SETS 5

/* An unused descriptor with room for sets of WORDS, out of the list; NULL if there is none. */
static struct superslab *descriptor_reuse(size_t words)
{
    for (struct list_link *link = unused_descriptors.first; link != NULL; link = link->next) {
        struct superslab *superslab = LIST_MEMBER(link, struct superslab, link);
        if (superslab->set_words >= words) {
            list_remove(&unused_descriptors, link);
            return superslab;
        }
    }
    return NULL;
}

/* A descriptor for PAGES, all of it zero but for the sets' places. */
static struct superslab *descriptor_new(size_t pages)
{
    size_t words = page_set_words(pages);
    struct superslab *superslab = descriptor_reuse(words);
    if (superslab != NULL) {
        words = superslab->set_words;
    } else {
        superslab = metadata_new(sizeof *superslab + SETS * words * sizeof(uint64_t));
        if (superslab == NULL)
            return NULL;
        census_enter(&superslab_census, &superslab->census);
    }
    uint64_t *sets = (uint64_t *)(superslab + 1);
    memset(sets, 0, SETS * words * sizeof(uint64_t));
    memset(superslab, 0, offsetof(struct superslab, census));
    superslab->used = sets;
    superslab->resident = sets + words;
    superslab->stale = sets + 2 * words;
    superslab->dirty = sets + 3 * words;
    superslab->released = sets + 4 * words;
    superslab->set_words = words;
    return superslab;
}

static void descriptor_give(struct superslab *superslab)
{
    list_add_first(&unused_descriptors, &superslab->link);
}

/* All PAGES of a fresh mapping have memory behind them. */
static void note_resident(struct superslab *superslab, size_t pages)
{
    page_set_add(superslab->resident, 0, pages);
    superslab->retained_pages = (uint32_t)pages;
}

/* Asks for huge pages behind a fresh mapping, as the profile says. */
static void make_huge(struct superslab *superslab, size_t bytes, bool huge)
{
    if (!huge) {
        os_advise_huge(superslab->base, bytes, false); /* where the system's setting is "always" */
        return;
    }
    count_add(&superslab_counts.huge_page_requests, 1);
    superslab->huge = os_advise_huge(superslab->base, bytes, true);
    bool granted = superslab->huge;
    if (granted && HAK_PROFILE(pages_huge) == HAK_HUGE_ALWAYS &&
        superslab_is_for_slabs((enum superslab_kind)superslab->kind)) {
        os_touch(superslab->base, bytes,
                 os_huge_page_bytes()); /* where there is no memory at all there is nothing to collapse */
        granted = os_collapse(superslab->base, bytes);
        note_resident(superslab, bytes >> PAGE_SHIFT);
    }
    count_add(&superslab_counts.huge_page_refusals, !granted);
}

/* Huge pages fit into an area that begins with one; those of kernels with large pages (32 and 512 MiB) may be longer
 * than the area. */
static size_t area_alignment(size_t bytes, bool huge_pages)
{
    size_t huge = os_huge_page_bytes();
    return huge_pages && huge <= bytes ? size_maximum(huge, PAGE_BYTES) : PAGE_BYTES;
}

static bool map_memory(struct superslab *superslab, size_t bytes, bool huge)
{
    huge = huge && (superslab_is_for_slabs((enum superslab_kind)superslab->kind) || os_huge_page_bytes() <= bytes);
    if (huge && HAK_PROFILE(pages_huge) == HAK_HUGE_HUGETLB &&
        superslab_is_for_slabs((enum superslab_kind)superslab->kind)) {
        superslab->base = os_map_hugetlb(bytes, bytes);
        superslab->fixed = superslab->base != NULL;
    }
    if (superslab->fixed) {
        count_add(&superslab_counts.huge_page_requests, 1);
        superslab->huge = true;
        return true;
    }
    superslab->base = place_map(
        bytes, superslab_is_for_slabs((enum superslab_kind)superslab->kind) ? bytes : area_alignment(bytes, huge));
    if (superslab->base == NULL)
        return false;
    superslab->locked = superslab_is_for_slabs((enum superslab_kind)superslab->kind) && os_is_locked(superslab->base);
    make_huge(superslab, bytes, huge);
    return true;
}

/* Lazily freed pages are those that are dirty, and neither used nor resident. No other way leads to that: what is given
 * back at once is not dirty any more. */
void superslab_note_not_lazy(const struct superslab *superslab, size_t first, size_t pages)
{
    if (HAK_PROFILE(purge_policy) == HAK_PURGE_FREE)
        count_add(&superslab_counts.lazy_pages,
                  -(uint64_t)page_set_count_outside(superslab->dirty, superslab->resident, first, pages));
}

struct superslab *superslab_map(size_t bytes, enum superslab_kind kind, bool huge)
{
    struct superslab *superslab = descriptor_new(bytes >> PAGE_SHIFT);
    if (superslab == NULL)
        return NULL;
    superslab->kind = (uint8_t)kind;
    superslab->forks = atomic_load_explicit(&superslab_forks, memory_order_relaxed);
    if (!map_memory(superslab, bytes, huge)) {
        descriptor_give(superslab);
        return NULL;
    }
    superslab->pages = (uint32_t)(bytes >> PAGE_SHIFT);
    superslab->longest_run = superslab->pages;
    superslab_note(superslab);
    if (superslab_is_for_slabs(kind))
        superslab->dumped_pages = superslab->pages;
    else
        os_set_dumped(superslab->base, bytes, false);
    if (HAK_PROFILE(pages_prefault) == HAK_PREFAULT_SUPERSLAB && superslab_is_for_slabs(kind)) {
        os_prefault(superslab->base, bytes);
        note_resident(superslab, superslab->pages);
        count_add(&superslab_counts.prefaulted_bytes, bytes);
    }
    PROBE(superslab_map, superslab->base, bytes, superslab->kind, superslab->huge);
    return superslab;
}

void superslab_unmap(struct superslab *superslab)
{
    ASSERT(superslab->used_pages == 0);
    size_t bytes = (size_t)superslab->pages << PAGE_SHIFT;
    PROBE(superslab_unmap, superslab->base, bytes, superslab->kind);
    superslab_note_not_lazy(superslab, 0, superslab->pages);
    census_clear(&superslab->census);
    os_unmap(superslab->base, bytes);
    descriptor_give(superslab);
}

static size_t page_index(const struct superslab *superslab, const void *address)
{
    return (size_t)((const char *)address - superslab->base) >> PAGE_SHIFT;
}

/* A page from which a search may begin; it goes on from page 0 if it comes to the end. */
static size_t search_start(const struct superslab *superslab)
{
    return UNLIKELY(HAK_PROFILE(security_randomize)) ? secret_random() % superslab->pages : 0;
}

/* The lowest free run of PAGES from FROM on at a multiple of ALIGNMENT, or superslab->pages; *LONGEST is the longest
 * free run passed on the way. */
static size_t find_run(const struct superslab *superslab, size_t from, size_t pages, size_t alignment, size_t *longest)
{
    size_t end = superslab->pages;
    *longest = 0;
    while (from < end) {
        size_t first = page_set_next(superslab->used, from, end, false);
        size_t after = page_set_next(superslab->used, first, end, true);
        uintptr_t aligned = round_up((uintptr_t)superslab_page(superslab, first), alignment);
        size_t start = page_index(superslab, (void *)aligned);
        if (start + pages <= after)
            return start;
        *longest = size_maximum(*longest, after - first);
        from = after;
    }
    return end;
}

/* An area comes into core dumps by eighths, as it is used: debuggers write all of a mapping that has memory anywhere.
 */
#define DUMP_SHARE 8

static void need_dumped(struct superslab *superslab, size_t end)
{
    if (LIKELY(end <= superslab->dumped_pages))
        return;
    size_t share = size_maximum(superslab->pages / DUMP_SHARE, 1), from = superslab->dumped_pages,
           to = size_minimum((end + share - 1) / share * share, superslab->pages);
    os_set_dumped(superslab_page(superslab, from), (to - from) << PAGE_SHIFT, true);
    superslab->dumped_pages = (uint32_t)to;
}

/* The same with memory behind all of it. */
static size_t find_resident_run(const struct superslab *superslab, size_t from, size_t pages, size_t alignment)
{
    size_t end = superslab->pages;
    while (from < end) {
        size_t first = page_set_next(superslab->resident, from, end, true);
        if (first < end && page_set_any(superslab->used, first, 1)) {
            from = page_set_next(superslab->used, first, end, false);
            continue;
        }
        size_t after = size_minimum(page_set_next(superslab->resident, first, end, false),
                                    page_set_next(superslab->used, first, end, true));
        size_t start = page_index(superslab, (void *)round_up((uintptr_t)superslab_page(superslab, first), alignment));
        if (start + pages <= after)
            return start;
        from = after;
    }
    return end;
}

static void hand_out(struct superslab *superslab, size_t first, size_t pages)
{
    need_dumped(superslab, first + pages);
    superslab->retained_pages -= (uint32_t)page_set_count(superslab->resident, first, pages);
    page_set_remove(superslab->stale, first, pages);
    superslab_note_not_lazy(superslab, first, pages);
    page_set_add(superslab->used, first, pages);
    page_set_add(superslab->resident, first, pages);
    page_set_add(superslab->dirty, first, pages);
    superslab->used_pages += (uint32_t)pages;
    ASSERT(superslab->used_pages <= superslab->pages);
}

static void *take_at(struct superslab *superslab, size_t first, size_t pages, bool *zeroed)
{
    *zeroed = !page_set_any(superslab->dirty, first, pages);
    hand_out(superslab, first, pages);
    size_t left = superslab->pages - superslab->used_pages;
    superslab->longest_run = (uint32_t)size_minimum(superslab->longest_run, left);
    return superslab_page(superslab, first);
}

void *superslab_take(struct superslab *superslab, size_t pages, size_t alignment, bool *zeroed)
{
    size_t longest, from = search_start(superslab);
    size_t first = find_run(superslab, from, pages, alignment, &longest);
    if (first == superslab->pages && from != 0)
        first = find_run(superslab, 0, pages, alignment, &longest);
    if (first != superslab->pages)
        return take_at(superslab, first, pages, zeroed);
    superslab->longest_run = (uint32_t)longest;
    return NULL;
}

void *superslab_take_resident(struct superslab *superslab, size_t pages, size_t alignment, bool *zeroed)
{
    if (superslab->retained_pages < pages)
        return NULL;
    size_t from = search_start(superslab), first = find_resident_run(superslab, from, pages, alignment);
    if (first == superslab->pages && from != 0)
        first = find_resident_run(superslab, 0, pages, alignment);
    return first != superslab->pages ? take_at(superslab, first, pages, zeroed) : NULL;
}

size_t superslab_released(const struct superslab *superslab)
{
    size_t pages = 0;
    for (size_t word = 0; word < page_set_words(superslab->pages); word++)
        pages += (size_t)__builtin_popcountll(superslab->released[word] | superslab->resident[word]);
    return pages;
}

size_t superslab_mark_released(struct superslab *superslab, size_t pages)
{
    pages = size_minimum(pages, superslab->pages);
    page_set_add(superslab->released, 0, pages);
    return pages;
}

size_t superslab_reuse_released(struct superslab *superslab, const void *run, size_t pages)
{
    size_t first = page_index(superslab, run), released = page_set_count(superslab->released, first, pages);
    page_set_remove(superslab->released, first, pages);
    return released;
}

bool superslab_extend(struct superslab *superslab, const void *run, size_t pages, size_t more, bool *zeroed)
{
    size_t next = page_index(superslab, run) + pages;
    if (next + more > superslab->pages || page_set_any(superslab->used, next, more))
        return false;
    *zeroed = !page_set_any(superslab->dirty, next, more);
    hand_out(superslab, next, more);
    return true;
}

void superslab_give(struct superslab *superslab, const void *run, size_t pages)
{
    size_t first = page_index(superslab, run);
    page_set_remove(superslab->used, first, pages);
    superslab->used_pages -= (uint32_t)pages;
    superslab->retained_pages += (uint32_t)pages;
    size_t before = page_set_after_last(superslab->used, first);
    size_t after = page_set_next(superslab->used, first, superslab->pages, true);
    superslab->longest_run = (uint32_t)size_maximum(superslab->longest_run, after - before);
}

void superslab_note_moved(struct superslab *superslab, const void *run, size_t pages)
{
    size_t first = page_index(superslab, run);
    superslab->retained_pages -= (uint32_t)page_set_count(superslab->resident, first, pages);
    page_set_remove(superslab->resident, first, pages);
    page_set_remove(superslab->dirty, first, pages);
}
