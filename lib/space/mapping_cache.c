/* SPDX-License-Identifier: MIT */
#include "lib/space/mapping_cache.h"

#include "lib/base/os.h"
#include "lib/base/probe.h"
#include "lib/profile/active.h"
#include "lib/space/metadata.h"
#include "lib/space/purge_clock.h"

struct entry {
    struct list_link link;
    struct mapping mapping;
    size_t whole;       /* its bytes before it was cut */
    uint64_t purge_due; /* purge_clock at which it is unmapped */
    struct census_entry census;
};

struct census mapping_cache_census;

#define OF_LINK(pointer) LIST_MEMBER(pointer, struct entry, link)

/* A mapping serves a request if no more than a quarter of it is wasted: the waste is address space and, once touched,
 * memory. */
#define WASTE_SHARE 4

/* A mapping is cut where that is enough, since it serves a request that is longer by so much as well: it grows again.
 */
#define CUT_SHARE 8
#define CUT_MOST ((size_t)16 << 20)

static struct entry *entry_new(struct mapping_cache *cache)
{
    struct list_link *link = cache->unused.first;
    if (link != NULL) {
        list_remove(&cache->unused, link);
        return OF_LINK(link);
    }
    struct entry *entry = metadata_new(sizeof(struct entry));
    if (entry != NULL)
        census_enter(&mapping_cache_census, &entry->census);
    return entry;
}

static void note_bytes(struct mapping_cache *cache, int64_t bytes)
{
    count_add(&cache->bytes, (uint64_t)bytes);
    retention_add(cache->retention, bytes);
}

bool mapping_cache_add(struct mapping_cache *cache, struct mapping mapping)
{
    struct entry *entry = entry_new(cache);
    if (entry == NULL)
        return false;
    entry->mapping = mapping;
    census_note(&entry->census, mapping.base, mapping.bytes, false);
    entry->whole = mapping.bytes;
    entry->purge_due = purge_clock() + (HAK_PROFILE(purge_delay) << cache->retention->delay_shift) + 1;
    list_add_last(&cache->entries, &entry->link);
    note_bytes(cache, (int64_t)mapping.bytes);
    return true;
}

static bool is_as_long(size_t mapped, size_t bytes)
{
    return mapped >= bytes && mapped - bytes <= mapped / WASTE_SHARE;
}

static bool serves(const struct entry *entry, size_t bytes, size_t alignment)
{
    return is_as_long(entry->whole, bytes) && ((uintptr_t)entry->mapping.base & (alignment - 1)) == 0;
}

/* A mapping of BYTES is going to be made: whether one was unmapped that would have served. */
static void note_refault(struct mapping_cache *cache, size_t bytes)
{
    if (!retention_watches(cache->retention))
        return;
    for (size_t i = 0; i < MAPPING_CACHE_GHOSTS; i++)
        if (is_as_long(cache->ghosts[i], bytes)) {
            cache->ghosts[i] = 0;
            retention_refaulted(cache->retention, bytes, purge_clock());
            return;
        }
}

bool mapping_cache_take(struct mapping_cache *cache, size_t bytes, size_t alignment, bool cheap_anew,
                        struct mapping *mapping)
{
    struct entry *best = NULL;
    for (struct list_link *link = cache->entries.first; link != NULL; link = link->next) {
        struct entry *entry = OF_LINK(link);
        if (serves(entry, bytes, alignment) && (best == NULL || entry->whole < best->whole))
            best = entry;
    }
    if (best == NULL) {
        if (!cheap_anew)
            note_refault(cache, bytes);
        return false;
    }
    *mapping = best->mapping;
    census_clear(&best->census);
    note_bytes(cache, -(int64_t)mapping->bytes);
    list_remove(&cache->entries, &best->link);
    list_add_first(&cache->unused, &best->link);
    return true;
}

uint64_t mapping_cache_next_purge(const struct mapping_cache *cache)
{
    return cache->entries.first != NULL ? OF_LINK(cache->entries.first)->purge_due : 0;
}

/* The oldest mapping goes; returns its bytes. */
static uint64_t drop_oldest(struct mapping_cache *cache)
{
    struct entry *entry = OF_LINK(cache->entries.first);
    uint64_t bytes = entry->mapping.bytes;
    cache->ghosts[cache->next_ghost++ % MAPPING_CACHE_GHOSTS] = entry->whole;
    census_clear(&entry->census);
    list_remove(&cache->entries, &entry->link);
    list_add_first(&cache->dropped, &entry->link);
    note_bytes(cache, -(int64_t)bytes);
    count_add(&cache->purges, 1);
    count_add(&cache->purged_bytes, bytes);
    return bytes;
}

uint64_t mapping_cache_purge_due(struct mapping_cache *cache, uint64_t now)
{
    uint64_t bytes = 0;
    while (cache->entries.first != NULL && OF_LINK(cache->entries.first)->purge_due <= now)
        bytes += drop_oldest(cache);
    retention_aged(cache->retention, bytes, now);
    return bytes;
}

/* The end of the oldest mapping goes; returns its bytes. */
static uint64_t cut_oldest(struct mapping_cache *cache, uint64_t bytes)
{
    struct entry *entry = OF_LINK(cache->entries.first);
    struct mapping *mapping = &entry->mapping;
    bytes = round_up(bytes, PAGE_BYTES);
    mapping->bytes -= bytes;
    census_note(&entry->census, mapping->base, mapping->bytes, false);
    probe_purge(mapping->base + mapping->bytes, bytes, PROBE_UNMAPPED);
    os_unmap(mapping->base + mapping->bytes, bytes);
    note_bytes(cache, -(int64_t)bytes);
    count_add(&cache->purges, 1);
    count_add(&cache->purged_bytes, bytes);
    return bytes;
}

static bool may_be_cut(const struct entry *entry, uint64_t bytes)
{
    size_t cut = entry->whole - entry->mapping.bytes;
    return cut + bytes <= size_minimum(entry->whole / CUT_SHARE, CUT_MOST);
}

uint64_t mapping_cache_release(struct mapping_cache *cache, uint64_t bytes)
{
    uint64_t released = 0;
    while (cache->entries.first != NULL && released < bytes) {
        uint64_t more = bytes - released;
        bool cut = may_be_cut(OF_LINK(cache->entries.first), more);
        released += cut ? cut_oldest(cache, more) : drop_oldest(cache);
    }
    return released;
}

struct list mapping_cache_dropped(struct mapping_cache *cache)
{
    struct list dropped = cache->dropped;
    cache->dropped.first = NULL;
    return dropped;
}

void mapping_cache_unmap(const struct list *dropped)
{
    for (struct list_link *link = dropped->first; link != NULL; link = link->next) {
        const struct mapping *mapping = &OF_LINK(link)->mapping;
        probe_purge(mapping->base, mapping->bytes, PROBE_UNMAPPED);
        os_unmap(mapping->base, mapping->bytes);
    }
}

void mapping_cache_reuse(struct mapping_cache *cache, struct list *dropped)
{
    for (struct list_link *link; (link = dropped->first) != NULL;) {
        list_remove(dropped, link);
        list_add_first(&cache->unused, link);
    }
}
