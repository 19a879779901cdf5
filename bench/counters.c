/* SPDX-License-Identifier: MIT */
/* Pairs of hardware events (accesses, misses) for all threads of this process. */
#include "config.h"

#include "bench/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CACHE_EVENT(cache, result) \
    (PERF_COUNT_HW_CACHE_##cache | PERF_COUNT_HW_CACHE_OP_READ << 8 | PERF_COUNT_HW_CACHE_RESULT_##result << 16)

struct event {
    uint32_t type;
    uint64_t config;
    int descriptor; /* -1: could not be opened, for the reason in error */
    int error;
};

static struct {
    const char *name, *text;
    struct event accesses, misses;
} pairs[BENCH_RATES] = {
    [BENCH_RATE_CACHE] = {"cache_miss_rate",
                          "cache miss rate",
                          {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES, -1, 0},
                          {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, -1, 0}},
    [BENCH_RATE_L1_DATA] = {"l1_data_miss_rate",
                            "L1 data miss rate",
                            {PERF_TYPE_HW_CACHE, CACHE_EVENT(L1D, ACCESS), -1, 0},
                            {PERF_TYPE_HW_CACHE, CACHE_EVENT(L1D, MISS), -1, 0}},
    [BENCH_RATE_TLB] = {"tlb_miss_rate",
                        "data TLB miss rate",
                        {PERF_TYPE_HW_CACHE, CACHE_EVENT(DTLB, ACCESS), -1, 0},
                        {PERF_TYPE_HW_CACHE, CACHE_EVENT(DTLB, MISS), -1, 0}},
};

static void open_event(struct event *event)
{
    struct perf_event_attr attributes = {
        .size = sizeof(attributes),
        .type = event->type,
        .config = event->config,
        .disabled = 1,
        .inherit = 1,
        .exclude_kernel = 1,
        .exclude_hv = 1,
        .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
    };
    event->descriptor = (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    event->error = event->descriptor < 0 ? errno : 0;
}

void counters_open(void)
{
    for (int rate = 0; rate < BENCH_RATES; rate++) {
        open_event(&pairs[rate].accesses);
        open_event(&pairs[rate].misses);
    }
}

static void control_all(unsigned long request)
{
    for (int rate = 0; rate < BENCH_RATES; rate++) {
        if (pairs[rate].accesses.descriptor >= 0)
            ioctl(pairs[rate].accesses.descriptor, request, 0);
        if (pairs[rate].misses.descriptor >= 0)
            ioctl(pairs[rate].misses.descriptor, request, 0);
    }
}

void counters_start(void)
{
    control_all(PERF_EVENT_IOC_ENABLE);
}

void counters_stop(void)
{
    control_all(PERF_EVENT_IOC_DISABLE);
}

/* The event's count, scaled up where the kernel let events share a hardware counter in turn. Negative: it never
 * counted. */
static double read_event(const struct event *event)
{
    struct {
        uint64_t count, enabled, running;
    } value;
    if (read(event->descriptor, &value, sizeof(value)) != (ssize_t)sizeof(value) || value.running == 0)
        return -1;
    return (double)value.count * ((double)value.enabled / (double)value.running);
}

static void explain(int error, char *reason, size_t size)
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

void counters_read(struct bench_counter_rate rates[BENCH_RATES])
{
    for (int rate = 0; rate < BENCH_RATES; rate++) {
        struct bench_counter_rate *result = &rates[rate];
        *result = (struct bench_counter_rate){.name = pairs[rate].name, .text = pairs[rate].text};
        int error = pairs[rate].accesses.error ? pairs[rate].accesses.error : pairs[rate].misses.error;
        if (error) {
            explain(error, result->reason, sizeof(result->reason));
            continue;
        }
        double accesses = read_event(&pairs[rate].accesses), misses = read_event(&pairs[rate].misses);
        if (accesses <= 0 || misses < 0)
            snprintf(result->reason, sizeof(result->reason), "the counter never ran during the measurement");
        else
            result->value = misses / accesses;
    }
}
