/* SPDX-License-Identifier: MIT */
/* What a SuperSlab gives back to the kernel while it is mapped: the memory of unused pages, its unused end, its huge
 * pages; and how it gets huge pages later. */
#include "lib/base/os.h"
#include "lib/base/probe.h"
#include "lib/profile/active.h"
#include "lib/space/superslab.h"

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
    superslab_note_not_lazy(superslab, first, pages);
    superslab->retained_pages -= (uint32_t)page_set_count(superslab->resident, first, pages);
    page_set_remove(superslab->resident, first, pages);
    superslab->pages = (uint32_t)first;
    superslab_note(superslab);
    probe_purge(superslab_page(superslab, first), pages << PAGE_SHIFT, PROBE_UNMAPPED);
    os_unmap(superslab_page(superslab, first), pages << PAGE_SHIFT);
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

/* Before the pages cease to be resident. Those that nobody has used, which were prefaulted, count as dirty from now on.
 */
static void note_lazy(struct superslab *superslab, size_t first, size_t pages)
{
    count_add(&superslab_counts.lazy_pages, page_set_count(superslab->resident, first, pages));
    page_set_add_common(superslab->dirty, superslab->resident, first, pages);
}

static bool discard(struct superslab *superslab, size_t first, size_t pages)
{
    char *start = superslab_page(superslab, first);
    bool lazily = HAK_PROFILE(purge_policy) == HAK_PURGE_FREE && os_discard_lazily(start, pages << PAGE_SHIFT);
    if (lazily) {
        note_lazy(superslab, first, pages);
    } else {
        if (!os_discard(start, pages << PAGE_SHIFT))
            return false;
        superslab_note_not_lazy(superslab, first, pages);
        page_set_remove(superslab->dirty, first, pages);
    }
    probe_purge(start, pages << PAGE_SHIFT, lazily ? PROBE_DISCARDED_LAZILY : PROBE_DISCARDED);
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
    count_add(&superslab_counts.huge_page_requests, 1);
    bool done = superslab->huge && os_collapse(superslab->base, bytes);
    count_add(&superslab_counts.huge_page_refusals, !done);
    PROBE(collapse, superslab->base, bytes, done);
    return done;
}

void superslab_break_up(struct superslab *superslab)
{
    if (!superslab->huge || superslab->fixed)
        return;
    superslab->huge = false;
    os_advise_huge(superslab->base, (size_t)superslab->pages << PAGE_SHIFT, false);
}
