/* SPDX-License-Identifier: MIT */
/* The GNU C library's introspection: mallinfo2, malloc_info, malloc_trim, malloc_stats, mallopt. Below: stats, purge,
 * thread. */
#include "lib/heap/holes.h"
#include "lib/heap/registry.h"
#include "lib/heap/shared.h"
#include "lib/observe/mallopt_parameters.h"
#include "lib/observe/stats.h"
#include "lib/space/pool.h"
#include "lib/thread/attach.h"
#include "lib/thread/detach.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <unistd.h>

static uint64_t free_blocks(const struct stats_class *of, unsigned class)
{
    int64_t blocks = (int64_t)(of->slabs * size_classes[class].blocks) - of->live;
    return blocks < 0 ? 0 : (uint64_t)blocks;
}

HAK_EXPORT COLD struct hak_mallinfo2 hak_mallinfo2(void)
{
    struct stats_all all;
    struct hak_mallinfo2 info = {0};
    stats_collect(&all, false);
    for (unsigned class = 0; class < size_class_count; class ++) {
        info.ordblks += free_blocks(&all.class[class], class);
        info.smblks += all.class[class].cached;
    }
    info.arena = all.superslab_bytes;
    info.hblks = all.mappings;
    info.hblkhd = all.mapping_bytes;
    info.fsmblks = all.total.cached_bytes;
    info.uordblks = size_minimum(all.total.live_bytes - all.mapping_bytes, info.arena);
    info.fordblks = info.arena - info.uordblks;
    info.keepcost = all.purgeable_bytes;
    return info;
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
    shared_reclaim();
    registry_collect_idle();
    size_t holes = stage == ATTACH_CACHED ? holes_purge_all(&cache->heap) : 0;
    return pool_purge_all(pad) + holes != 0;
}

HAK_EXPORT COLD void hak_malloc_stats(void)
{
    hak_stats_print(STDERR_FILENO);
}

static void write_class(FILE *stream, const struct stats_class *of, unsigned class)
{
    fprintf(stream,
            "<size from=\"%u\" to=\"%u\" total=\"%" PRIu64 "\" count=\"%" PRIu64 "\" live=\"%" PRId64
            "\" cached=\"%" PRIu64 "\"/>\n",
            class == 0 ? 1 : size_classes[class - 1].size + 1, size_classes[class].size,
            free_blocks(of, class) * size_classes[class].size, free_blocks(of, class), of->live, of->cached);
}

static void write_info(FILE *stream)
{
    struct stats_all all;
    stats_collect(&all, false);
    struct hak_mallinfo2 info = hak_mallinfo2();
    fputs("<malloc version=\"1\">\n<heap nr=\"0\">\n<sizes>\n", stream);
    for (unsigned class = 0; class < size_class_count; class ++)
        if (all.class[class].slabs != 0)
            write_class(stream, &all.class[class], class);
    fprintf(stream,
            "</sizes>\n<total type=\"fast\" count=\"%zu\" size=\"%zu\"/>\n<total type=\"rest\" count=\"%zu\" "
            "size=\"%zu\"/>\n",
            info.smblks, info.fsmblks, info.ordblks - info.smblks, info.fordblks - info.fsmblks);
    fprintf(stream, "<system type=\"current\" size=\"%zu\"/>\n<system type=\"max\" size=\"%" PRIu64 "\"/>\n</heap>\n",
            info.arena, all.total.peak_mapped_bytes);
    fprintf(stream, "<total type=\"mmap\" count=\"%zu\" size=\"%zu\"/>\n", info.hblks, info.hblkhd);
    fprintf(stream, "<system type=\"current\" size=\"%" PRIu64 "\"/>\n</malloc>\n", all.total.mapped_bytes);
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
