/* SPDX-License-Identifier: MIT */
/* The GNU C library's introspection: mallinfo2, malloc_info, malloc_trim, malloc_stats, mallopt. Below: stats, purge,
 * thread. */
#include "lib/heap/holes.h"
#include "lib/heap/registry.h"
#include "lib/heap/shared.h"
#include "lib/observe/mallopt_parameters.h"
#include "lib/observe/stats.h"
#include "lib/observe/stats_counters.h"
#include "lib/space/large.h"
#include "lib/space/pool.h"
#include "lib/thread/attach.h"
#include "lib/thread/detach.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <unistd.h>

static struct hak_mallinfo2 mallinfo_of(const struct stats_all *all)
{
    struct hak_mallinfo2 info = {0};
    for (unsigned class = 0; class < size_class_count; class ++) {
        struct hak_class_figures figures = stats_class_figures(all, class);
        info.ordblks += figures.free + figures.cached;
        info.smblks += figures.cached;
    }
    info.arena = all->superslab_bytes;
    info.hblks = all->mappings;
    info.hblkhd = all->mapping_bytes;
    info.fsmblks = all->total.cached_bytes;
    info.uordblks = size_minimum(all->total.live_bytes - all->mapping_bytes, info.arena);
    info.fordblks = info.arena - info.uordblks;
    info.keepcost = all->total.purgeable_bytes;
    return info;
}

HAK_EXPORT COLD struct hak_mallinfo2 hak_mallinfo2(void)
{
    struct stats_all all;
    stats_collect(&all, false);
    return mallinfo_of(&all);
}

HAK_EXPORT COLD int hak_malloc_trim(size_t pad)
{
    struct thread_cache *cache;
    enum attach_stage stage = attach_thread(&cache);
    if (stage == ATTACH_ASIDE)
        return 0;
    if (stage == ATTACH_CACHED) {
        thread_cache_drain_all(cache);
        registry_collect(&cache->heap);
        heap_reclaim(&cache->heap);
    }
    detach_reclaim();
    large_reclaim();
    shared_reclaim();
    registry_collect_idle();
    size_t holes = stage == ATTACH_CACHED ? holes_purge_all(&cache->heap) : 0;
    return pool_purge_all(pad) + holes != 0;
}

HAK_EXPORT COLD void hak_malloc_stats(void)
{
    hak_stats_print(STDERR_FILENO);
}

/* "total" and "count" are of free blocks, as in the GNU C library. */
static void write_class(FILE *stream, const struct stats_all *all, unsigned class)
{
    struct hak_class_figures of = stats_class_figures(all, class);
    fprintf(stream, "<size from=\"%u\" to=\"%u\" total=\"%" PRIu64 "\" count=\"%" PRIu64 "\"",
            class == 0 ? 1 : size_classes[class - 1].size + 1, size_classes[class].size,
            of.free_bytes + of.cached_bytes, of.free + of.cached);
    fprintf(stream, " allocated=\"%" PRIu64 "\" cached=\"%" PRIu64 "\" free=\"%" PRIu64 "\"", of.allocated, of.cached,
            of.free);
    fprintf(stream, " allocated_bytes=\"%" PRIu64 "\" cached_bytes=\"%" PRIu64 "\" free_bytes=\"%" PRIu64 "\"",
            of.allocated_bytes, of.cached_bytes, of.free_bytes);
    fprintf(stream, " rounding_bytes=\"%" PRIu64 "\" slabs=\"%" PRIu64 "\" slab_bytes=\"%" PRIu64 "\"/>\n",
            of.rounding_bytes, all->class[class].slabs, of.slab_bytes);
}

static void write_classes(FILE *stream, const struct stats_all *all)
{
    fputs("<sizes>\n", stream);
    for (unsigned class = 0; class < size_class_count; class ++)
        if (all->class[class].slabs != 0)
            write_class(stream, all, class);
    fputs("</sizes>\n", stream);
}

/* As in the GNU C library. */
static void write_heap(FILE *stream, const struct stats_all *all, const struct hak_mallinfo2 *info)
{
    fputs("<heap nr=\"0\">\n", stream);
    write_classes(stream, all);
    fprintf(stream, "<total type=\"fast\" count=\"%zu\" size=\"%zu\"/>\n", info->smblks, info->fsmblks);
    fprintf(stream, "<total type=\"rest\" count=\"%zu\" size=\"%zu\"/>\n", info->ordblks - info->smblks,
            info->fordblks - info->fsmblks);
    fprintf(stream, "<system type=\"current\" size=\"%zu\"/>\n<system type=\"max\" size=\"%" PRIu64 "\"/>\n</heap>\n",
            info->arena, all->total.peak_mapped_bytes);
    fprintf(stream, "<total type=\"mmap\" count=\"%zu\" size=\"%zu\"/>\n", info->hblks, info->hblkhd);
    fprintf(stream, "<system type=\"current\" size=\"%" PRIu64 "\"/>\n", all->total.mapped_bytes);
}

static void write_large(FILE *stream, const struct stats_all *all)
{
    fputs("<large>\n", stream);
    for (unsigned k = 0; k < STATS_LARGE_CLASSES; k++)
        if (all->large[k].blocks != 0)
            fprintf(stream,
                    "<size from=\"%" PRIu64 "\" to=\"%" PRIu64 "\" allocated=\"%" PRIu64 "\" allocated_bytes=\"%" PRIu64
                    "\" mappings=\"%" PRIu64 "\"/>\n",
                    stats_large_least(k), stats_large_most(k), all->large[k].blocks, all->large[k].bytes,
                    all->large[k].mappings);
    fputs("</large>\n", stream);
}

/* Every counter, by its name in struct hak_stats. */
static void write_counters(FILE *stream, const struct hak_stats *total)
{
    fputs("<statistics", stream);
    for (size_t i = 0; i < stats_counter_count; i++)
        fprintf(stream, " %s=\"%" PRIu64 "\"", stats_counters[i].name, stats_counter_value(total, i));
    fputs("/>\n", stream);
}

static void write_info(FILE *stream)
{
    struct stats_all all;
    stats_collect(&all, true);
    struct hak_mallinfo2 info = mallinfo_of(&all);
    fputs("<malloc version=\"1\">\n", stream);
    write_heap(stream, &all, &info);
    write_large(stream, &all);
    write_counters(stream, &all.total);
    fputs("</malloc>\n", stream);
}

/* A thread that is cancelled leaves a whole document, whatever of it the stream had to write. */
HAK_EXPORT COLD int hak_malloc_info(int options, FILE *stream)
{
    if (options != 0) {
        errno = EINVAL;
        return -1;
    }
    int cancel;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    write_info(stream);
    pthread_setcancelstate(cancel, &cancel);
    return 0;
}

HAK_EXPORT COLD int hak_mallopt(int parameter, int value)
{
    (void)value;
    switch (parameter) {
    case M_MXFAST:
    case M_TRIM_THRESHOLD:
    case M_TOP_PAD:
    case M_MMAP_THRESHOLD:
    case M_MMAP_MAX:
    case M_CHECK_ACTION:
    case M_PERTURB:
    case M_ARENA_TEST:
    case M_ARENA_MAX:
        return 1;
    default:
        return 0;
    }
}
