/* SPDX-License-Identifier: MIT */
/* The one list of all workloads, and finding one by its name. Below: the workloads, each a file of its own. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/workload.h"
#include "lib/base/edit_distance.h"

#include <stdio.h>
#include <string.h>

const struct workload *const workloads[] = {
    &workload_ws,
    /* threads */
    &workload_larson,
    &workload_mstress,
    &workload_producer_consumer,
    &workload_pipeline,
    &workload_short_threads,
    &workload_idle_threads,
    &workload_waiting_threads,
    &workload_cache_scratch,
    &workload_cache_thrash,
    /* lifetimes and sizes */
    &workload_batch_fifo,
    &workload_batch_lifo,
    &workload_fragmentation,
    &workload_phases,
    &workload_realloc,
    &workload_large,
    /* what programs do */
    &workload_key_value,
    &workload_json,
    /* what becomes of it */
    &workload_degradation,
    &workload_after_peak,
    NULL,
};

/* What is cut off behind it was no workload's name. */
#define LONGEST_NAME 256

static bool has_parameter(const struct workload *workload)
{
    return workload->maximum_parameter != 0;
}

static const char *nearest_name(const char *name)
{
    const char *nearest = NULL;
    size_t least = strlen(name) / 2 + 1;       /* more than half of it wrong is no misspelling */
    if (strlen(name) >= HAK_EDIT_DISTANCE_MAX) /* not worth a suggestion */
        return NULL;
    for (const struct workload *const *entry = workloads; *entry; entry++) {
        size_t distance = hak_edit_distance(name, strlen(name), (*entry)->name, strlen((*entry)->name));
        if (distance < least) {
            least = distance;
            nearest = (*entry)->name;
        }
    }
    return nearest;
}

/* The text after the fixed part of a name with a number, or NULL if NAME starts otherwise. */
static const char *number_part(const struct workload *workload, const char *name)
{
    size_t fixed = strlen(workload->name) - 1; /* less the N */
    if (!has_parameter(workload) || strncmp(name, workload->name, fixed) != 0 || !strchr("0123456789", name[fixed]) ||
        !name[fixed])
        return NULL;
    return name + fixed;
}

/* Whether what is before END in NAME, and the colon there, are the fixed part of a workload's name ("idle-threads:N").
 */
static bool is_before_parameter(const char *name, const char *end)
{
    size_t length = (size_t)(end - name) + 1;
    for (const struct workload *const *entry = workloads; *entry; entry++)
        if (has_parameter(*entry) && strlen((*entry)->name) == length + 1 && strncmp((*entry)->name, name, length) == 0)
            return true;
    return false;
}

/* Where the number of threads begins in NAME ("ws8192:2"), or its end. */
static const char *threads_part(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon && !is_before_parameter(name, colon) ? colon : name + strlen(name);
}

/* Sets the number of threads if NAME has one. */
static bool take_threads(const char *name, struct bench_plan *plan, char *message, size_t size)
{
    const char *part = threads_part(name);
    uint64_t threads;
    if (!*part)
        return true;
    if (!bench_parse_number(part + 1, 1, BENCH_MAX_THREADS, &threads)) {
        snprintf(message, size, "workload %s: the number of threads after the colon must be 1 to %d", name,
                 BENCH_MAX_THREADS);
        return false;
    }
    plan->threads = (unsigned)threads;
    return true;
}

static bool find_bare(const char *name, struct bench_plan *plan, char *message, size_t size)
{
    for (const struct workload *const *entry = workloads; *entry; entry++) {
        const struct workload *workload = *entry;
        const char *number = number_part(workload, name);
        if (number) {
            if (!bench_parse_number(number, workload->minimum_parameter, workload->maximum_parameter,
                                    &plan->parameter)) {
                snprintf(message, size, "workload %s: the number after %.*s must be %llu to %llu", name,
                         (int)strlen(workload->name) - 1, workload->name,
                         (unsigned long long)workload->minimum_parameter,
                         (unsigned long long)workload->maximum_parameter);
                return false;
            }
        } else if (has_parameter(workload) || strcmp(name, workload->name) != 0) {
            continue;
        }
        plan->workload = workload;
        return true;
    }
    const char *nearest = nearest_name(name);
    snprintf(message, size, "unknown workload '%s'%s%s%s; hakmem-bench --list shows all", name,
             nearest ? ": did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return false;
}

bool workload_find(const char *name, struct bench_plan *plan, char *message, size_t size)
{
    char bare[LONGEST_NAME];
    snprintf(bare, sizeof(bare), "%.*s", (int)(threads_part(name) - name), name);
    plan->name = name;
    return find_bare(bare, plan, message, size) && take_threads(name, plan, message, size);
}
