/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See call_count.h. */
#include "config.h"

#include "cli/tune/call_count.h"

#include "cli/count/count.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file, which processes of any user may add to. NULL with errno. */
static struct count_page *make_page(const struct scratch *scratch, char *path, size_t size)
{
    struct count_page *page = MAP_FAILED;
    FILE *stream = scratch_create(scratch, "calls", path, size);
    if (!stream)
        return NULL;
    if (fchmod(fileno(stream), 0666) == 0 && ftruncate(fileno(stream), sizeof *page) == 0) {
        FILE *both = fopen(path, "r+e");
        if (both) {
            page = mmap(NULL, sizeof *page, PROT_READ, MAP_SHARED, fileno(both), 0);
            fclose(both);
        }
    }
    fclose(stream);
    return page == MAP_FAILED ? NULL : page;
}

static void read_page(const struct count_page *page, struct call_count *count)
{
    *count = (struct call_count){
        .processes = atomic_load_explicit(&page->processes, memory_order_relaxed),
        .heap = atomic_load_explicit(&page->heap, memory_order_relaxed),
    };
    for (size_t i = 0; i < COUNT_SHARDS; i++) {
        count->calls += atomic_load_explicit(&page->shard[i].calls, memory_order_relaxed);
        count->bytes += atomic_load_explicit(&page->shard[i].bytes, memory_order_relaxed);
    }
}

bool call_count_run(const char *library, const struct scratch *scratch, const struct workload *work,
                    const struct race_options *options, struct race_result *result, struct call_count *count)
{
    char path[PATH_MAX];
    memset(result, 0, sizeof *result);
    struct count_page *page = make_page(scratch, path, sizeof path);
    if (!page)
        return false;
    struct launch_environment environment = {0};
    launch_set(&environment, COUNT_ENV, path);
    struct race_contender contender = {"a run whose calls are counted", launch_of(library, &environment)};
    int status = race_run(&contender, 1, work, options, result), error = errno;
    read_page(page, count);
    munmap(page, sizeof *page);
    launch_clear(&environment);
    errno = error;
    return status == 0;
}
