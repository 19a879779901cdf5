/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See json.h. */
#include "config.h"

#include "cli/inspect/json.h"

#include <inttypes.h>
#include <math.h>

static void set(json_t *object, const char *key, uint64_t number)
{
    json_object_set_new(object, key, json_integer((json_int_t)number));
}

static void set_rate(json_t *object, const char *key, double rate)
{
    json_object_set_new(object, key, json_finite(rate));
}

/* --- sums --------------------------------------------------------------------------------------------------------- */

/* The sum and its terms. */
static json_t *memory_json(const struct snapshot *now)
{
    const struct snapshot_figures *figures = &now->figures;
    json_t *object = json_object();
    set(object, "mapped_bytes", figures->mapped_bytes);
    set(object, "allocated_bytes", figures->allocated_bytes);
    set(object, "rounding_bytes", figures->rounding_bytes);
    set(object, "cached_bytes", figures->cached_bytes);
    set(object, "free_bytes", figures->free_bytes);
    set(object, "retained_bytes", figures->retained_bytes);
    set(object, "metadata_bytes", now->counts.metadata_bytes);
    set(object, "lazily_freed_bytes", figures->use_bytes[PAGES_LAZY]);
    return object;
}

static uint64_t idle_heaps(const struct snapshot *now)
{
    uint64_t idle = 0;
    for (size_t i = 0; i < now->heap_count; i++)
        idle += now->heaps[i].idle;
    return idle;
}

static json_t *resident_json(const struct resident *resident)
{
    if (!resident->known)
        return json_null();
    json_t *object = json_object();
    set(object, "resident_bytes", resident->resident_bytes);
    set(object, "huge_page_bytes", resident->huge_page_bytes);
    set(object, "lazily_freed_bytes", resident->lazily_freed_bytes);
    set(object, "swapped_bytes", resident->swapped_bytes);
    return object;
}

#define EVENT(name, field)                             \
    {                                                  \
#name, offsetof(struct snapshot_events, field) \
    }
static const struct {
    const char *name;
    size_t offset;
} events[] = {
    EVENT(refills, refills),
    EVENT(refilled_objects, refilled_blocks),
    EVENT(drains, drains),
    EVENT(drained_objects, drained_blocks),
    EVENT(remote_objects, remote_blocks),
    EVENT(objects_borrowed, borrowed_blocks),
    EVENT(superslabs_mapped, superslabs_mapped),
    EVENT(superslabs_unmapped, superslabs_unmapped),
    EVENT(purged_bytes, purged_bytes),
};
#define EVENTS (sizeof events / sizeof *events)

static uint64_t event_of(const struct snapshot *snapshot, size_t offset)
{
    return *(const uint64_t *)((const char *)&snapshot->events + offset);
}

/* What the library counts, by the names that struct hak_stats has for it. */
static json_t *counters_json(const struct snapshot *now)
{
    json_t *object = json_object();
    set(object, "live_blocks", now->figures.allocated_blocks);
    set(object, "large_blocks", now->large_blocks);
    set(object, "large_bytes", now->large_bytes);
    set(object, "guarded_blocks", now->counts.guarded_blocks);
    set(object, "slabs", now->figures.slabs);
    set(object, "superslabs", now->counts.superslabs);
    set(object, "heaps", now->heap_count);
    set(object, "heaps_idle", idle_heaps(now));
    set(object, "peak_mapped_bytes", now->counts.peak_mapped_bytes);
    set(object, "huge_page_requests", now->counts.huge_page_requests);
    set(object, "huge_page_refusals", now->counts.huge_page_refusals);
    set(object, "guard_refusals", now->counts.guard_refusals);
    set(object, "pool_failures", now->counts.failures);
    for (size_t i = 0; i < EVENTS; i++)
        set(object, events[i].name, event_of(now, events[i].offset));
    return object;
}

/* For each second between the two looks. */
static json_t *rates_json(const struct look *look)
{
    json_t *object = json_object();
    for (size_t i = 0; i < EVENTS; i++)
        set_rate(object, events[i].name,
                 look_rate(look, event_of(&look->now, events[i].offset), event_of(&look->before, events[i].offset)));
    return object;
}

/* --- parts -------------------------------------------------------------------------------------------------------- */

static json_t *class_json(const struct look *look, size_t index)
{
    const struct snapshot_class *class = &look->now.classes[index];
    const struct hak_class_figures *figures = &class->figures;
    const uint64_t before = look->before.classes[index].figures.allocated_bytes;
    json_t *object = json_object();
    set(object, "size", class->size);
    json_object_set_new(object, "shared", json_boolean(class->shared));
    set(object, "blocks_per_slab", class->blocks);
    set(object, "slabs", class->counts.slabs);
    set(object, "slab_bytes", figures->slab_bytes);
    set(object, "allocated", figures->allocated);
    set(object, "allocated_bytes", figures->allocated_bytes);
    set(object, "cached", figures->cached);
    set(object, "cached_bytes", figures->cached_bytes);
    set(object, "free", figures->free);
    set(object, "free_bytes", figures->free_bytes);
    set(object, "rounding_bytes", figures->rounding_bytes);
    json_object_set_new(object, "fragmentation",
                        json_real(hak_fragmentation(figures->allocated_bytes, figures->slab_bytes)));
    set_rate(object, "allocated_bytes_per_second", look_rate(look, figures->allocated_bytes, before));
    return object;
}

static json_t *classes_json(const struct look *look)
{
    json_t *list = json_array();
    for (size_t i = 0; i < look->now.class_count; i++)
        if (look->now.classes[i].counts.slabs != 0)
            json_array_append_new(list, class_json(look, i));
    return list;
}

static json_t *heap_json(const struct look *look, size_t index)
{
    const struct snapshot_heap *heap = &look->now.heaps[index], *before = look_heap_before(look, index);
    json_t *object = json_object();
    bool has_thread = !heap->idle && heap->thread != 0;
    set(object, "heap", heap->id);
    json_object_set_new(object, "idle", json_boolean(heap->idle));
    json_object_set_new(object, "thread", has_thread ? json_integer(heap->thread) : json_null());
    json_object_set_new(object, "name", has_thread ? json_text(heap->name) : json_null());
    set(object, "cached", heap->cached_blocks);
    set(object, "cached_bytes", heap->cached_bytes);
    set(object, "buffered", heap->buffered_blocks);
    set(object, "slabs", heap->slabs);
    set(object, "slab_bytes", heap->slab_bytes);
    set(object, "refills", heap->refills);
    set(object, "refilled_objects", heap->refilled_blocks);
    set(object, "drains", heap->drains);
    set(object, "drained_objects", heap->drained_blocks);
    set_rate(object, "refills_per_second", before ? look_rate(look, heap->refills, before->refills) : NAN);
    set_rate(object, "drains_per_second", before ? look_rate(look, heap->drains, before->drains) : NAN);
    return object;
}

static json_t *heaps_json(const struct look *look)
{
    json_t *list = json_array();
    for (size_t i = 0; i < look->now.heap_count; i++)
        json_array_append_new(list, heap_json(look, i));
    return list;
}

static json_t *address_json(uint64_t address)
{
    char text[24];
    snprintf(text, sizeof text, "0x%" PRIx64, address);
    return json_string(text);
}

static json_t *superslab_json(const struct snapshot *now, const struct snapshot_superslab *superslab)
{
    static const char *const keys[PAGE_USES] = {
        [PAGES_FRESH] = "fresh_bytes",       [PAGES_SLAB] = "slab_bytes",         [PAGES_LARGE] = "large_bytes",
        [PAGES_RETAINED] = "retained_bytes", [PAGES_LAZY] = "lazily_freed_bytes", [PAGES_RELEASED] = "released_bytes",
        [PAGES_MOVING] = "not_known_bytes",
    };
    json_t *object = json_object();
    json_object_set_new(object, "address", address_json(superslab->base));
    json_object_set_new(object, "for", json_string(snapshot_kind(superslab->kind)));
    set(object, "bytes", (uint64_t)superslab->pages << now->page_shift);
    json_object_set_new(object, "huge", json_boolean(superslab->huge));
    for (int use = 0; use < PAGE_USES; use++)
        set(object, keys[use], (uint64_t)superslab->count[use] << now->page_shift);
    return object;
}

static json_t *superslabs_json(const struct snapshot *now)
{
    json_t *list = json_array();
    for (size_t i = 0; i < now->superslab_count; i++)
        json_array_append_new(list, superslab_json(now, &now->superslabs[i]));
    return list;
}

static json_t *mappings_json(const struct snapshot *now)
{
    json_t *list = json_array();
    for (size_t i = 0; i < now->mapping_count; i++)
        json_array_append_new(list, json_pack("{s:o, s:I, s:b}", "address", address_json(now->mappings[i].base),
                                              "bytes", (json_int_t)now->mappings[i].bytes, "retained",
                                              (int)now->mappings[i].retained));
    return list;
}

json_t *inspect_json(const struct look *look, const struct target *target)
{
    const struct snapshot *now = &look->now;
    json_t *object = json_object();
    json_object_set_new(object, "type", json_string("inspection"));
    json_object_set_new(object, "hakmem", json_text(target->layout.root.library));
    set(object, "pid", (uint64_t)target->pid);
    json_object_set_new(object, "program", json_text(target->program));
    json_object_set_new(object, "library", json_text(target->library));
    json_object_set_new(object, "profile", json_text(now->profile));
    set(object, "torn", now->torn);
    json_object_set_new(object, "complete", json_boolean(!now->is_missing_some));
    json_object_set_new(object, "memory", memory_json(now));
    json_object_set_new(object, "process", resident_json(&look->resident));
    json_object_set_new(object, "counters", counters_json(now));
    json_object_set_new(object, "per_second", look->has_before ? rates_json(look) : json_null());
    json_object_set_new(object, "classes", classes_json(look));
    json_object_set_new(object, "heaps", heaps_json(look));
    json_object_set_new(object, "superslabs", superslabs_json(now));
    json_object_set_new(object, "mappings", mappings_json(now));
    return object;
}
