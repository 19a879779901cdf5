/* SPDX-License-Identifier: MIT */
/* Processor lists: from hwloc in a child, or from text. */
#include "config.h"

#include "bench/processors.h"

#include "bench/support.h"

#include <errno.h>
#include <hwloc.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void add(struct bench_processors *processors, unsigned number)
{
    if (processors->count < BENCH_MAX_PROCESSORS)
        processors->number[processors->count++] = number;
}

/* One round over all cores takes the SIBLING-th usable processor of each. Returns how many it found. */
static unsigned add_siblings(hwloc_topology_t topology, hwloc_const_bitmap_t usable, unsigned sibling,
                             struct bench_processors *processors)
{
    unsigned found = 0;
    hwloc_obj_t core = NULL;
    while ((core = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_CORE, core))) {
        unsigned seen = 0;
        int number;
        for (number = hwloc_bitmap_first(core->cpuset); number >= 0; number = hwloc_bitmap_next(core->cpuset, number))
            if (hwloc_bitmap_isset(usable, (unsigned)number) && seen++ == sibling)
                break;
        if (number >= 0) {
            add(processors, (unsigned)number);
            found++;
        }
    }
    return found;
}

/* Where there is no hwloc topology to be had, or it knows no cores: the processors as the kernel numbers them. */
static void take_affinity_mask(struct bench_processors *processors)
{
    cpu_set_t mask;
    processors->count = 0;
    if (sched_getaffinity(0, sizeof(mask), &mask) == 0)
        for (unsigned number = 0; number < BENCH_MAX_PROCESSORS; number++)
            if (CPU_ISSET(number, &mask))
                add(processors, number);
    processors->cores = processors->count;
}

static bool ask_hwloc(struct bench_processors *processors)
{
    hwloc_topology_t topology;
    if (hwloc_topology_init(&topology) != 0)
        return false;
    if (hwloc_topology_load(topology) != 0)
        return false;
    hwloc_bitmap_t usable = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(topology));
    hwloc_bitmap_t bound = hwloc_bitmap_alloc();
    if (hwloc_get_cpubind(topology, bound, HWLOC_CPUBIND_PROCESS) == 0)
        hwloc_bitmap_and(usable, usable, bound);
    processors->cores = add_siblings(topology, usable, 0, processors);
    for (unsigned sibling = 1; add_siblings(topology, usable, sibling, processors) > 0; sibling++)
        ;
    return processors->count > 0;
}

static void write_to_parent(int pipe_end)
{
    struct bench_processors processors = {.count = 0};
    if (!ask_hwloc(&processors))
        take_affinity_mask(&processors);
    /* Longer than a pipe writes in one piece (PIPE_BUF), but within its capacity of 64 KiB, so it never blocks. */
    ssize_t written = write(pipe_end, &processors, sizeof(processors));
    _exit(written == (ssize_t)sizeof(processors) ? 0 : 1);
}

static bool read_all(int pipe_end, void *target, size_t size)
{
    for (size_t got = 0; got < size;) {
        ssize_t length = read(pipe_end, (char *)target + got, size - got);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return false;
        got += (size_t)length;
    }
    return true;
}

void processors_discover(struct bench_processors *processors)
{
    int ends[2];
    bool complete = false;
    if (pipe(ends) == 0) {
        pid_t child = fork();
        if (child == 0)
            write_to_parent(ends[1]);
        close(ends[1]);
        complete = child > 0 && read_all(ends[0], processors, sizeof(*processors));
        close(ends[0]);
        if (child > 0)
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
                ;
    }
    if (!complete)
        take_affinity_mask(processors);
}

/* Reads a number at *TEXT and moves past it. */
static bool read_number(const char **text, unsigned *number)
{
    const char *start = *text;
    unsigned value = 0;
    while (**text >= '0' && **text <= '9' && value < BENCH_MAX_PROCESSORS)
        value = value * 10 + (unsigned)(*(*text)++ - '0');
    *number = value;
    return *text > start && value < BENCH_MAX_PROCESSORS;
}

bool processors_parse(const char *text, struct bench_processors *processors)
{
    processors->count = 0;
    for (;;) {
        unsigned first, last;
        if (!read_number(&text, &first))
            return false;
        last = first;
        if (*text == '-') {
            text++;
            if (!read_number(&text, &last) || last < first)
                return false;
        }
        for (unsigned number = first; number <= last; number++)
            add(processors, number);
        if (*text == '\0')
            break;
        if (*text++ != ',')
            return false;
    }
    processors->cores = processors->count;
    return true;
}

void processors_pin(const struct bench_processors *processors, unsigned index)
{
    static atomic_flag warned = ATOMIC_FLAG_INIT;
    if (processors->count == 0) {
        if (!atomic_flag_test_and_set(&warned))
            bench_warn("no processor to pin threads to was found: they run unpinned, and may share a core");
        return;
    }
    unsigned number = processors->number[index % processors->count];
    cpu_set_t mask;
    CPU_ZERO(&mask);
    CPU_SET(number, &mask);
    if (sched_setaffinity(0, sizeof(mask), &mask) != 0 && !atomic_flag_test_and_set(&warned))
        bench_warn("cannot pin a thread to processor %u (%s): threads run unpinned, and may share a core", number,
                   strerror(errno));
}
