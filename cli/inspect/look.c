/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See look.h. */
#include "config.h"

#include "cli/inspect/look.h"

#include "cli/output/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* The kernel is asked for the resident memory at most so much of the time. */
#define RESIDENT_SHARE 0.02

static double seconds_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void ask_kernel(struct look *look, pid_t pid)
{
    double begin = seconds_now();
    if (look->resident.known && (begin - look->resident_time) * RESIDENT_SHARE < look->resident_cost)
        return;
    look->resident = resident_read(pid);
    look->resident_time = begin;
    look->resident_cost = seconds_now() - begin;
}

bool look_take(struct look *look, struct target *target, char *message, size_t size)
{
    struct snapshot *taken = must_have(malloc(sizeof *taken));
    bool good = snapshot_take(taken, &look->lists, target);
    if (good)
        threads_find(&look->threads, taken, target);
    if (!target_is_there(target, message, size)) {
        if (good)
            snapshot_free(taken);
        good = false;
    } else if (!good) {
        snprintf(message, size, "process %d (%s): its size classes cannot be read", (int)target->pid, target->program);
    }
    if (good) {
        snapshot_free(&look->before);
        look->before = look->now;
        look->has_before = look->now.class_count != 0;
        look->now = *taken;
        look->seconds = look->now.time - look->before.time;
        ask_kernel(look, target->pid);
    }
    free(taken);
    return good;
}

void look_free(struct look *look)
{
    snapshot_free(&look->now);
    snapshot_free(&look->before);
    snapshot_lists_free(&look->lists);
    threads_free(&look->threads);
}

/* Heaps stand in the order in which they were made, and some may be missing in one look. */
const struct snapshot_heap *look_heap_before(const struct look *look, size_t index)
{
    const struct snapshot_heap *heap = &look->now.heaps[index];
    size_t last = look->before.heap_count;
    if (!look->has_before)
        return NULL;
    for (size_t i = index < last ? index + 1 : last; i-- > 0;)
        if (look->before.heaps[i].address == heap->address)
            return &look->before.heaps[i];
    return NULL;
}

double look_rate(const struct look *look, uint64_t now, uint64_t before)
{
    if (!look->has_before || look->seconds <= 0)
        return NAN;
    return ((double)now - (double)before) / look->seconds;
}
