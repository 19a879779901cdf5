/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See counters.h. */
#include "config.h"

#include "cli/machine/counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READ_MISSES(cache) \
    (PERF_COUNT_HW_CACHE_##cache | PERF_COUNT_HW_CACHE_OP_READ << 8 | PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

static const struct {
    const char *name;
    uint32_t type;
    uint64_t config;
} events[COUNTERS] = {
    [COUNTER_INSTRUCTIONS] = {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    [COUNTER_CACHE_MISSES] = {"cache misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    [COUNTER_TLB_MISSES] = {"TLB misses", PERF_TYPE_HW_CACHE, READ_MISSES(DTLB)},
};

/* Returns a descriptor, or -1 with errno. */
static int open_event(enum counter counter, pid_t process)
{
    struct perf_event_attr attributes = {
        .size = sizeof attributes,
        .type = events[counter].type,
        .config = events[counter].config,
        .disabled = 1,
        .enable_on_exec = 1,
        .inherit = 1,
        .exclude_kernel = 1,
        .exclude_hv = 1,
        .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
    };
    return (int)syscall(SYS_perf_event_open, &attributes, process, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

struct counters counters_none(void)
{
    struct counters counters;
    for (enum counter counter = 0; counter < COUNTERS; counter++)
        counters.fd[counter] = -1;
    return counters;
}

void counters_open(struct counters *counters, pid_t process)
{
    for (enum counter counter = 0; counter < COUNTERS; counter++)
        counters->fd[counter] = open_event(counter, process);
}

void counters_close(struct counters *counters)
{
    for (enum counter counter = 0; counter < COUNTERS; counter++) {
        if (counters->fd[counter] >= 0)
            close(counters->fd[counter]);
        counters->fd[counter] = -1;
    }
}

double counters_read(const struct counters *counters, enum counter counter)
{
    struct {
        uint64_t count, enabled, running;
    } value;
    if (counters->fd[counter] < 0 || read(counters->fd[counter], &value, sizeof value) != (ssize_t)sizeof value ||
        value.running == 0)
        return NAN;
    return (double)value.count * ((double)value.enabled / (double)value.running);
}

static void describe(int error, char *reason, size_t size)
{
    switch (error) {
    case ENOENT:
    case ENODEV:
    case EOPNOTSUPP:
        snprintf(reason, size, "the processor, or the virtual machine, has no such counter");
        break;
    case EACCES:
    case EPERM:
        snprintf(reason, size, "the kernel does not allow it (sysctl kernel.perf_event_paranoid)");
        break;
    case ENOSYS:
        snprintf(reason, size, "the kernel has no perf_event_open");
        break;
    default:
        snprintf(reason, size, "perf_event_open: %s", strerror(error));
    }
}

void counters_explain(enum counter counter, char *reason, size_t size)
{
    int fd = open_event(counter, 0);
    reason[0] = '\0';
    if (fd >= 0)
        close(fd);
    else
        describe(errno, reason, size);
}

const char *counters_name(enum counter counter)
{
    return events[counter].name;
}
