/* SPDX-License-Identifier: MIT */
/* Writes the progress page. The order of stores is the contract of progress.h. */
#include "config.h"

#include "bench/publish.h"

#include "bench/support.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* NULL: nobody measures from outside. Set before the threads start. */
static struct bench_progress *page;
/* The page is of version 2 or later. */
static bool has_latency;
static enum bench_clock clock_in_use = BENCH_CLOCK_ACTIVE;

void publish_open(void)
{
    const char *text = getenv(BENCH_PROGRESS_ENV);
    if (!text)
        return;
    uint64_t descriptor;
    if (!bench_parse_number(text, 0, INT_MAX, &descriptor))
        bench_die(BENCH_EXIT_USAGE, "%s=%s: expected the number of an open file descriptor", BENCH_PROGRESS_ENV, text);
    struct stat status;
    if (fstat((int)descriptor, &status) != 0)
        bench_die(BENCH_EXIT_USAGE, "%s=%s: %s", BENCH_PROGRESS_ENV, text, strerror(errno));
    if (status.st_size < (off_t)BENCH_PROGRESS_BYTES_OF_VERSION_1)
        bench_die(BENCH_EXIT_USAGE, "%s=%s: %lld bytes are too few for a progress page (%zu)", BENCH_PROGRESS_ENV, text,
                  (long long)status.st_size, BENCH_PROGRESS_BYTES_OF_VERSION_1);
    /* Touched now, so that no milestone pays for the first touch of its page. */
    void *memory = mmap(NULL, sizeof(struct bench_progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                        (int)descriptor, 0);
    if (memory == MAP_FAILED)
        bench_die(BENCH_EXIT_USAGE, "%s=%s: cannot map it: %s", BENCH_PROGRESS_ENV, text, strerror(errno));
    page = memory;
    has_latency = status.st_size >= (off_t)sizeof(struct bench_progress) && page->version >= BENCH_PROGRESS_VERSION;
    if (page->magic != BENCH_PROGRESS_MAGIC)
        bench_die(BENCH_EXIT_USAGE, "%s=%s: this is no progress page", BENCH_PROGRESS_ENV, text);
}

void publish_use_clock(enum bench_clock kind)
{
    clock_in_use = kind;
    if (page)
        atomic_store(&page->clock, kind);
}

static uint64_t read_clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t publish_active_ns(void)
{
    if (clock_in_use == BENCH_CLOCK_PROCESSOR)
        return read_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    if (!page)
        return read_clock_ns(CLOCK_MONOTONIC);
    /* A stop between the two readings would be taken off a time that does not hold it: then read again. */
    uint64_t stopped = atomic_load(&page->stopped_ns);
    for (;;) {
        uint64_t now = read_clock_ns(CLOCK_MONOTONIC);
        uint64_t stopped_after = atomic_load(&page->stopped_ns);
        if (stopped_after == stopped)
            return now - stopped;
        stopped = stopped_after;
    }
}

void publish_work(unsigned threads, uint64_t operations_per_milestone)
{
    if (!page)
        return;
    atomic_store(&page->ops_per_milestone, operations_per_milestone);
    atomic_store(&page->threads, threads < BENCH_PROGRESS_THREADS ? threads : BENCH_PROGRESS_THREADS);
}

void publish_phase(enum bench_phase phase)
{
    if (page)
        atomic_store(&page->phase, phase);
}

void publish_milestone(unsigned row, unsigned number, uint64_t active_ns)
{
    if (!page || row >= BENCH_PROGRESS_THREADS)
        return;
    page->thread[row].active_ns[number] = active_ns;
    atomic_store_explicit(&page->thread[row].reached, number, memory_order_release);
}

void publish_peak_resident(uint64_t bytes)
{
    if (page)
        atomic_store(&page->peak_resident_bytes, bytes);
}

bool publish_latency_is_wanted(void)
{
    return has_latency && page->wants_latency;
}

void publish_latency(const double latency_ns[BENCH_LATENCIES])
{
    if (!has_latency)
        return;
    memcpy(page->latency_ns, latency_ns, sizeof page->latency_ns);
    atomic_store_explicit(&page->latency_known, 1, memory_order_release);
}
