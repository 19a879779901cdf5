/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tlb_probe.h. */
#include "cli/machine/tlb_probe.h"

#include "cli/machine/clock.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    PAGE = 4096,
    LINE = 64,
    LINES_IN_PAGE = PAGE / LINE,
    MOST_PAGES = 8192,      /* twice the largest second level known (Zen 5: 4096) */
    FEWEST_PAGES = 16,      /* below the smallest first level known */
    STEPS_PER_DOUBLING = 3, /* resolution of the answer: 26 % */
    LOADS = 20000, /* of one timing: 50 us where all hits, long against the clock, short against a preemption */
    REPEATS = 5,   /* the fastest counts: a preemption or a noisy neighbour only ever adds */
    MOST_POINTS = 32
};

/* A hit in a first-level cache takes 4-5 cycles; missing the first-level TLB adds 7 or more, a page walk 20 or more on
 * top. */
static const double FIRST_STEP = 0.7, SECOND_STEP = 4.5;

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Lines rotate with the page, so that the visited ones spread over all sets of the caches. */
static void **sparse_line(char *memory, unsigned index)
{
    return (void **)(memory + (size_t)index * PAGE + (size_t)(index % LINES_IN_PAGE) * LINE);
}

static void **dense_line(char *memory, unsigned index)
{
    return (void **)(memory + (size_t)index * LINE);
}

/* Links COUNT lines into one cycle in random order (so that no prefetcher can follow); returns one of them. */
static void *link_cycle(char *memory, unsigned *order, unsigned count, void **(*line)(char *, unsigned))
{
    uint32_t random = 2463534242u;
    for (unsigned i = 0; i < count; i++)
        order[i] = i;
    for (unsigned i = count - 1; i > 0; i--) {
        unsigned other = next_random(&random) % (i + 1), kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
    for (unsigned i = 0; i < count; i++)
        *line(memory, order[i]) = line(memory, order[(i + 1) % count]);
    return line(memory, order[0]);
}

static void *chase(void *start, unsigned loads)
{
    void *at = start;
    for (unsigned i = 0; i < loads; i++)
        at = *(void *volatile *)at;
    return at;
}

static double fastest_load(void *start, unsigned warm_up)
{
    double best = 1e9;
    void *at = chase(start, warm_up);
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        double begin = clock_now_s();
        at = chase(at, LOADS);
        double took = (clock_now_s() - begin) / LOADS;
        best = took < best ? took : best;
    }
    return best;
}

static double time_cycle(char *memory, unsigned *order, unsigned count, void **(*line)(char *, unsigned))
{
    return fastest_load(link_cycle(memory, order, count, line), 2 * count);
}

static size_t measure_curve(char *memory, unsigned *order, struct tlb_probe_point *points)
{
    size_t count = 0;
    double hit = time_cycle(memory, order, FEWEST_PAGES, dense_line);
    for (unsigned base = FEWEST_PAGES; base <= MOST_PAGES; base *= 2) {
        for (unsigned step = 0; step < STEPS_PER_DOUBLING && count < MOST_POINTS; step++) {
            unsigned pages = base + base * step / STEPS_PER_DOUBLING;
            if (pages > MOST_PAGES)
                break;
            double dense = time_cycle(memory, order, pages, dense_line);
            double sparse = time_cycle(memory, order, pages, sparse_line);
            points[count++] = (struct tlb_probe_point){pages, (sparse - dense) / hit};
        }
    }
    return count;
}

/* The largest number of pages before the curve passes LEVEL for good; 0 if it never does, or is above from the start.
 */
static unsigned last_below(const struct tlb_probe_point *points, size_t count, double level)
{
    size_t above = count;
    while (above > 0 && points[above - 1].excess > level)
        above--;
    return above == 0 || above == count ? 0 : points[above - 1].pages;
}

void tlb_probe_find_steps(const struct tlb_probe_point *points, size_t count, struct tlb_probe *probe)
{
    probe->first_level = last_below(points, count, FIRST_STEP);
    probe->second_level = last_below(points, count, SECOND_STEP);
    if (probe->second_level <= probe->first_level) /* one step that passes both: there is no second level to be seen */
        probe->second_level = 0;
}

bool tlb_probe_run(struct tlb_probe *probe)
{
    *probe = (struct tlb_probe){0, 0};
    size_t bytes = (size_t)MOST_PAGES * PAGE;
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned *order = malloc(MOST_PAGES * sizeof *order);
    bool ready = memory != MAP_FAILED && order;
    if (ready) {
        madvise(memory, bytes, MADV_NOHUGEPAGE);
        struct tlb_probe_point points[MOST_POINTS];
        size_t count = measure_curve(memory, order, points);
        tlb_probe_find_steps(points, count, probe);
    }
    if (memory != MAP_FAILED)
        munmap(memory, bytes);
    free(order);
    return ready;
}
