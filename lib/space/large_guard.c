/* SPDX-License-Identifier: MIT */
#include "lib/space/large_guard.h"

#include "lib/base/guard_refusal.h"
#include "lib/base/os.h"
#include "lib/base/os_guard.h"
#include "lib/base/report.h"
#include "lib/base/secret.h"
#include "lib/space/huge.h"
#include "lib/space/page_map.h"
#include "lib/space/place.h"
#include "lib/space/pool.h"

#include <string.h>

/* A block that grows gets addresses, without memory, for an eighth more, so that it is not moved at every step. */
#define GROWTH_SHARE 8

/* How a mapping is to be cut. */
struct cut {
    size_t front;     /* bytes before the first accessible page: at least one page */
    size_t head;      /* of that page before the block */
    size_t data;      /* of the accessible pages */
    size_t spare;     /* behind these, for growth */
    size_t alignment; /* of the first accessible page */
};

static size_t mapping_bytes(const struct cut *cut)
{
    return round_up(cut->front + cut->data + cut->spare + os_page_bytes, PAGE_BYTES);
}

/* The accessible pages lie in the mapping's first 64 KiB, or behind them: so a mapping is known by the block's own
 * page. */
static size_t front_bytes(size_t alignment)
{
    return size_minimum(size_maximum(alignment, os_page_bytes), PAGE_BYTES);
}

/* The gate (base/gate.h) keeps an address in a block that is freed during a fork. */
static size_t least(size_t bytes)
{
    return size_maximum(bytes, BLOCK_ALIGNMENT);
}

static struct cut cut_for(size_t bytes, size_t alignment)
{
    size_t length = round_up(least(bytes), size_minimum(alignment, os_page_bytes));
    struct cut cut = {.alignment = size_maximum(alignment, os_page_bytes), .front = front_bytes(alignment)};
    cut.data = round_up(length, os_page_bytes);
    cut.head = cut.data - length;
    return cut;
}

/* The mapping, of which nothing is accessible; NULL if refused. */
static char *map(const struct cut *cut, bool huge)
{
    bool beyond = cut->alignment > PAGE_BYTES;
    struct os_place place = {
        .alignment = size_maximum(cut->alignment, PAGE_BYTES), .offset = beyond ? cut->front : 0, .hint = place_hint()};
    char *base = os_map_at(mapping_bytes(cut), place, true);
    if (base != NULL)
        os_advise_huge(base, mapping_bytes(cut),
                       huge); /* all of it: what is made accessible later is one with the rest */
    return base;
}

/* Makes the pages accessible that the block lies in, or else all; false if that is refused as well. */
static bool open_pages(char *base, const struct cut *cut)
{
    if (LIKELY(os_make_writable(base + cut->front, cut->data)))
        return true;
    if (!os_make_writable(base, mapping_bytes(cut)))
        return false;
    guard_refusal_note();
    return true;
}

static void fill_patterns(struct large_guarded *at)
{
    unsigned char byte = secret_byte(secret_mask(at->block));
    char *behind = at->block + at->asked;
    memset(at->data, byte, (size_t)(at->block - at->data));
    memset(behind, byte, (size_t)(at->end - behind));
}

static void note(struct large *large, char *base, const struct cut *cut, size_t bytes)
{
    char *data = base + cut->front;
    large->base = base;
    *large->guarded =
        (struct large_guarded){.block = data + cut->head, .asked = least(bytes), .data = data, .end = data + cut->data};
    fill_patterns(large->guarded);
}

bool large_guard_map(struct large *large, size_t bytes, size_t alignment, bool huge)
{
    struct cut cut = cut_for(bytes, size_maximum(alignment, BLOCK_ALIGNMENT)), plain = cut;
    if (huge) {
        cut.alignment = size_maximum(cut.alignment, os_huge_page_bytes());
        cut.front = front_bytes(cut.alignment);
    }
    char *base = map(&cut, huge);
    if (base == NULL && huge) { /* the addresses do not suffice for that alignment */
        cut = plain;
        base = map(&cut, huge);
    }
    if (base == NULL)
        return false;
    if (!open_pages(base, &cut)) {
        os_unmap(base, mapping_bytes(&cut));
        return false;
    }
    large->bytes = mapping_bytes(&cut);
    large->superslab = NULL;
    large->fresh = true;
    note(large, base, &cut, bytes);
    pool_note_mapping((int64_t)large->bytes);
    return true;
}

/* --- patterns ----------------------------------------------------------------------------------------------------- */

/* The first byte from FROM on that is not BYTE; TO if all are. */
static const char *first_other(const char *from, const char *to, unsigned char byte)
{
    while (from < to && *(const unsigned char *)from == byte)
        from++;
    return from;
}

bool large_guard_is_whole(const struct large *large, struct large_damage *damage)
{
    const struct large_guarded *at = large->guarded;
    unsigned char byte = secret_byte(secret_mask(at->block));
    const char *behind = first_other(at->block + at->asked, at->end, byte),
               *before = first_other(at->data, at->block, byte);
    if (LIKELY(behind == at->end && before == at->block))
        return true;
    *damage = (struct large_damage){at->block, at->asked, (behind != at->end ? behind : before) - at->block};
    return false;
}

void large_guard_report(const struct large_damage *damage, const char *function)
{
    if (damage->offset < 0)
        report_misuse("%s: block %p was written to before its start (%td bytes before it)", function, damage->block,
                      -damage->offset);
    else
        report_misuse("%s: block %p was written to behind its end (at byte %td, of %zu that were asked for)", function,
                      damage->block, damage->offset, damage->asked);
}

/* --- realloc ------------------------------------------------------------------------------------------------------ */

/* Where the pages of the block would end if it had BYTES. */
static char *end_for(const struct large_guarded *at, size_t bytes)
{
    return at->data + round_up((size_t)(at->block - at->data) + bytes, os_page_bytes);
}

/* The pages from END on go: their memory, and if the kernel allows it the way to them. */
static void close_tail(struct large_guarded *at, char *end)
{
    size_t bytes = (size_t)(at->end - end);
    if (!os_close(end, bytes))
        guard_refusal_note();
    os_discard(end, bytes);
    at->end = end;
}

static bool open_tail(struct large *large, char *end)
{
    struct large_guarded *at = large->guarded;
    if (end + os_page_bytes > large->base + large->bytes || !os_make_writable(at->end, (size_t)(end - at->end)))
        return false;
    at->end = end;
    return true;
}

/* The cut of a mapping that the block's pages are moved to: where they lie in it is as it was. */
static struct cut cut_for_move(const struct large_guarded *at, size_t bytes)
{
    size_t data = (size_t)(end_for(at, bytes) - at->data);
    bool huge = huge_pages_fit(data);
    struct cut cut = {.head = (size_t)(at->block - at->data),
                      .data = data,
                      .spare = round_up(bytes / GROWTH_SHARE, os_page_bytes),
                      .alignment = size_maximum(huge ? os_huge_page_bytes() : 0, os_page_bytes)};
    cut.front = front_bytes(cut.alignment);
    return cut;
}

/* What the move has left of the old mapping. Another thread may have mapped the addresses between meanwhile. */
static void unmap_rest(char *base, size_t bytes, char *data, char *end)
{
    os_unmap(base, (size_t)(data - base));
    os_unmap(end, (size_t)(base + bytes - end));
}

/* The block goes by the new address once it is known there. After a refusal of the move the pages that it was to go to
 * are the kernel's. */
static bool move_to(struct large *large, char *base, const struct cut *cut, size_t bytes)
{
    struct large_guarded old = *large->guarded;
    char *data = base + cut->front, *block = data + cut->head;
    if (!page_map_set(block, 1, PAGE_LARGE, large)) {
        os_unmap(base, mapping_bytes(cut));
        return false;
    }
    if (!os_move(old.data, (size_t)(old.end - old.data), data, cut->data)) {
        page_map_clear(block, 1);
        unmap_rest(base, mapping_bytes(cut), data, data + cut->data);
        return false;
    }
    page_map_clear(old.block, 1);
    unmap_rest(large->base, large->bytes, old.data, old.end);
    note(large, base, cut, bytes);
    pool_note_mapping((int64_t)mapping_bytes(cut) - (int64_t)large->bytes);
    return true;
}

static bool move(struct large *large, size_t bytes, size_t *mapped)
{
    const struct large_guarded *at = large->guarded;
    if ((size_t)(at->end - at->data) < LARGE_MAPPING_FROM)
        return false;
    struct cut cut = cut_for_move(at, bytes);
    char *base =
        map(&cut, huge_pages_for_grown(at->data, (size_t)(at->end - at->data), cut.data)); /* moved pages keep theirs */
    *mapped = mapping_bytes(&cut);
    return base != NULL && move_to(large, base, &cut, bytes);
}

bool large_guard_resize(struct large *large, size_t bytes, size_t *mapped)
{
    struct large_guarded *at = large->guarded;
    bytes = least(bytes);
    char *end = end_for(at, bytes);
    if (end > at->end && !open_tail(large, end))
        return move(large, bytes, mapped);
    if (end < at->end)
        close_tail(at, end);
    at->asked = bytes;
    fill_patterns(at);
    return true;
}
