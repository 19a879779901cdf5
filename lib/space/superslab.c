/* SPDX-License-Identifier: MIT */
#include "lib/space/superslab.h"

#include "lib/base/os.h"
#include "lib/profile/active.h"
#include "lib/space/metadata.h"

#include <string.h>

struct superslab_counts superslab_counts;

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
    if (superslab != NULL)
        words = superslab->set_words;
    else
        superslab = metadata_new(sizeof *superslab + SETS * words * sizeof(uint64_t));
    if (superslab == NULL)
        return NULL;
    uint64_t *sets = (uint64_t *)(superslab + 1);
    memset(sets, 0, SETS * words * sizeof(uint64_t));
    *superslab = (struct superslab){.used = sets,
                                    .resident = sets + words,
                                    .stale = sets + 2 * words,
                                    .dirty = sets + 3 * words,
                                    .released = sets + 4 * words,
                                    .set_words = words};
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
    superslab_counts.huge_page_requests++;
    superslab->huge = os_advise_huge(superslab->base, bytes, true);
    bool granted = superslab->huge;
    if (granted && HAK_PROFILE(pages_huge) == HAK_HUGE_ALWAYS &&
        superslab_is_for_slabs((enum superslab_kind)superslab->kind)) {
        os_touch(superslab->base, bytes,
                 os_huge_page_bytes()); /* where there is no memory at all there is nothing to collapse */
        granted = os_collapse(superslab->base, bytes);
        note_resident(superslab, bytes >> PAGE_SHIFT);
    }
    superslab_counts.huge_page_refusals += !granted;
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
        superslab_counts.huge_page_requests++;
        superslab->huge = true;
        return true;
    }
    superslab->base = os_map_aligned(
        bytes, superslab_is_for_slabs((enum superslab_kind)superslab->kind) ? bytes : area_alignment(bytes, huge));
    if (superslab->base == NULL)
        return false;
    superslab->locked = superslab_is_for_slabs((enum superslab_kind)superslab->kind) && os_is_locked(superslab->base);
    make_huge(superslab, bytes, huge);
    return true;
}

struct superslab *superslab_map(size_t bytes, enum superslab_kind kind, bool huge)
{
    struct superslab *superslab = descriptor_new(bytes >> PAGE_SHIFT);
    if (superslab == NULL)
        return NULL;
    superslab->kind = (uint8_t)kind;
    if (!map_memory(superslab, bytes, huge)) {
        descriptor_give(superslab);
        return NULL;
    }
    superslab->pages = (uint32_t)(bytes >> PAGE_SHIFT);
    superslab->longest_run = superslab->pages;
    if (superslab_is_for_slabs(kind))
        superslab->dumped_pages = superslab->pages;
    else
        os_set_dumped(superslab->base, bytes, false);
    if (HAK_PROFILE(pages_prefault) == HAK_PREFAULT_SUPERSLAB && superslab_is_for_slabs(kind)) {
        os_prefault(superslab->base, bytes);
        note_resident(superslab, superslab->pages);
        superslab_counts.prefaulted_bytes += bytes;
    }
    return superslab;
}

void superslab_unmap(struct superslab *superslab)
{
    ASSERT(superslab->used_pages == 0);
    os_unmap(superslab->base, (size_t)superslab->pages << PAGE_SHIFT);
    descriptor_give(superslab);
}

static char *page_address(const struct superslab *superslab, size_t page)
{
    return superslab->base + (page << PAGE_SHIFT);
}

static size_t page_index(const struct superslab *superslab, const void *address)
{
    return (size_t)((const char *)address - superslab->base) >> PAGE_SHIFT;
}

/* The lowest free run of PAGES at a multiple of ALIGNMENT, or superslab->pages; *LONGEST is the longest free run passed
 * on the way. */
static size_t find_run(const struct superslab *superslab, size_t pages, size_t alignment, size_t *longest)
{
    size_t end = superslab->pages;
    *longest = 0;
    for (size_t from = 0; from < end;) {
        size_t first = page_set_next(superslab->used, from, end, false);
        size_t after = page_set_next(superslab->used, first, end, true);
        uintptr_t aligned = round_up((uintptr_t)page_address(superslab, first), alignment);
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
    os_set_dumped(page_address(superslab, from), (to - from) << PAGE_SHIFT, true);
    superslab->dumped_pages = (uint32_t)to;
}

/* The same with memory behind all of it. */
static size_t find_resident_run(const struct superslab *superslab, size_t pages, size_t alignment)
{
    size_t end = superslab->pages;
    for (size_t from = 0; from < end;) {
        size_t first = page_set_next(superslab->resident, from, end, true);
        if (first < end && page_set_any(superslab->used, first, 1)) {
            from = page_set_next(superslab->used, first, end, false);
            continue;
        }
        size_t after = size_minimum(page_set_next(superslab->resident, first, end, false),
                                    page_set_next(superslab->used, first, end, true));
        size_t start = page_index(superslab, (void *)round_up((uintptr_t)page_address(superslab, first), alignment));
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
    return page_address(superslab, first);
}

void *superslab_take(struct superslab *superslab, size_t pages, size_t alignment, bool *zeroed)
{
    size_t longest;
    size_t first = find_run(superslab, pages, alignment, &longest);
    if (first != superslab->pages)
        return take_at(superslab, first, pages, zeroed);
    superslab->longest_run = (uint32_t)longest;
    return NULL;
}

void *superslab_take_resident(struct superslab *superslab, size_t pages, size_t alignment, bool *zeroed)
{
    size_t first =
        superslab->retained_pages < pages ? superslab->pages : find_resident_run(superslab, pages, alignment);
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

/* Pages that are purged together: one, or a whole huge page, since giving back a part of a huge page splits it. */
static size_t purge_unit(const struct superslab *superslab)
{
    if (!superslab->huge)
        return 1;
    size_t huge = size_maximum(os_huge_page_bytes() >> PAGE_SHIFT, 1);
    return size_minimum(huge, superslab->pages);
}

size_t superslab_trim(struct superslab *superslab)
{
    size_t used = page_set_after_last(superslab->used, superslab->pages);
    size_t first = round_up(used, purge_unit(superslab)), pages = superslab->pages - first;
    if (superslab->fixed || pages == 0 || used == 0)
        return 0;
    os_unmap(page_address(superslab, first), pages << PAGE_SHIFT);
    superslab->retained_pages -= (uint32_t)page_set_count(superslab->resident, first, pages);
    page_set_remove(superslab->resident, first, pages);
    superslab->pages = (uint32_t)first;
    size_t left = superslab->pages - superslab->used_pages;
    superslab->longest_run = (uint32_t)size_minimum(superslab->longest_run, left);
    return pages << PAGE_SHIFT;
}

/* Whether the UNIT of pages at FIRST is unused, with memory behind it; with STALE also that it has been so since the
 * last look. */
static bool is_purgeable(const struct superslab *superslab, size_t unit, size_t first, bool stale)
{
    if (page_set_any(superslab->used, first, unit) || !page_set_any(superslab->resident, first, unit))
        return false;
    return !stale || page_set_count(superslab->stale, first, unit) == unit;
}

/* The next run of purgeable pages from *FROM on; its length, 0 if there is none. */
static size_t next_purgeable(const struct superslab *superslab, size_t unit, bool stale, size_t *from)
{
    size_t end = superslab->pages;
    while (*from < end) {
        size_t first = *from;
        while (*from < end && is_purgeable(superslab, unit, *from, stale))
            *from += unit;
        if (*from > first) {
            size_t length = *from - first;
            *from = first;
            return length;
        }
        *from += unit;
    }
    return 0;
}

size_t superslab_purgeable(const struct superslab *superslab)
{
    size_t unit = purge_unit(superslab), pages = 0, from = 0, length;
    if (superslab->fixed)
        return 0;
    while ((length = next_purgeable(superslab, unit, false, &from)) != 0) {
        pages += length; /* a touched huge page is resident as a whole */
        from += length;
    }
    return pages << PAGE_SHIFT;
}

static bool discard(struct superslab *superslab, size_t first, size_t pages)
{
    char *start = page_address(superslab, first);
    bool lazily = HAK_PROFILE(purge_policy) == HAK_PURGE_FREE && os_discard_lazily(start, pages << PAGE_SHIFT);
    if (!lazily) {
        if (!os_discard(start, pages << PAGE_SHIFT))
            return false;
        page_set_remove(superslab->dirty, first, pages);
    }
    superslab->retained_pages -= (uint32_t)page_set_count(superslab->resident, first, pages);
    page_set_remove(superslab->resident, first, pages);
    page_set_add(superslab->released, first, pages);
    return true;
}

static size_t purge(struct superslab *superslab, bool stale)
{
    size_t unit = purge_unit(superslab), pages = 0, from = 0, length;
    if (superslab->fixed)
        return 0;
    while ((length = next_purgeable(superslab, unit, stale, &from)) != 0) {
        if (discard(superslab, from, length))
            pages += length;
        from += length;
    }
    return pages << PAGE_SHIFT;
}

size_t superslab_purge(struct superslab *superslab)
{
    return purge(superslab, false);
}

size_t superslab_purge_tail(struct superslab *superslab, size_t bytes)
{
    size_t unit = purge_unit(superslab), pages = superslab->fixed ? 0 : round_up(bytes, PAGE_BYTES) >> PAGE_SHIFT,
           purged = 0;
    size_t last = round_up(page_set_after_last(superslab->resident, superslab->pages), unit);
    for (size_t end = last; end >= unit && purged < pages;) {
        size_t first = end;
        while (first >= unit && purged + (end - first) < pages && is_purgeable(superslab, unit, first - unit, false))
            first -= unit;
        if (first < end && discard(superslab, first, end - first))
            purged += end - first;
        end = first < end ? first : end - unit;
    }
    return purged << PAGE_SHIFT;
}

size_t superslab_purge_stale(struct superslab *superslab)
{
    size_t bytes = purge(superslab, true);
    page_set_add(superslab->stale, 0, superslab->pages);
    for (size_t word = 0; word * 64 < superslab->pages; word++)
        superslab->stale[word] &= ~superslab->used[word];
    return bytes;
}

bool superslab_make_huge(struct superslab *superslab)
{
    ASSERT(superslab->used_pages == superslab->pages);
    size_t bytes = (size_t)superslab->pages << PAGE_SHIFT;
    superslab->huge = os_advise_huge(superslab->base, bytes, true);
    superslab_counts.huge_page_requests++;
    bool done = superslab->huge && os_collapse(superslab->base, bytes);
    superslab_counts.huge_page_refusals += !done;
    return done;
}

void superslab_break_up(struct superslab *superslab)
{
    if (!superslab->huge || superslab->fixed)
        return;
    superslab->huge = false;
    os_advise_huge(superslab->base, (size_t)superslab->pages << PAGE_SHIFT, false);
}
