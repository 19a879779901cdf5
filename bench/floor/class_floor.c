/* SPDX-License-Identifier: MIT */
/* The least memory that size classes can do with, as a yardstick for fragmentation: a slow malloc that serves one
 * thread and keeps books. Its hak_stats_get says how many bytes a heap needs at least whose blocks do not move and
 * whose classes do not lend each other memory: for each class as many blocks as were ever live in it at once, each as
 * long as the class's longest, with the best of all maps of classes for what the program has done. No page is rounded
 * up to, nothing is cached. Its peak_mapped_bytes are what any heap needs at least that gives no memory back while the
 * program runs, were it to move blocks and lend all of its memory: the most that was live at once. Not for use by
 * programs.
 *
 * A map of classes cuts the sizes, in steps of 16 bytes, into ranges. Books are kept of each range that a class could
 * be; at the end the shortest path from no size to the longest, over the ranges, is the best map. Longer blocks count
 * as one class without rounding. */
#include <hakmem/hakmem.h>

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define EXPORTED __attribute__((visibility("default")))

#define STEP 16u
#define STEPS 65u              /* 1040 bytes: the longest blocks of the ws workloads have 1039 */
#define HEAP ((size_t)1 << 36) /* address space; only what is used is touched */

void *malloc(size_t size);
void free(void *pointer);
void *calloc(size_t count, size_t size);
void *realloc(void *pointer, size_t size);
void *aligned_alloc(size_t alignment, size_t size);
int posix_memalign(void **result, size_t alignment, size_t size);

/* Before each block; where the block is freed, `next` is the freed one of as many steps before it. */
struct header {
    size_t size; /* as asked for */
    struct header *next;
};

static struct header *freed[STEPS + 1]; /* by steps */
static uint32_t live[STEPS + 1][STEPS + 1],
    most[STEPS + 1][STEPS + 1]; /* [from][to]: blocks of FROM to TO steps, now and at the peak */
static uint64_t live_bytes, longer_bytes, most_longer_bytes, live_blocks;
static uint64_t step_bytes, most_step_bytes; /* of all that is live, in whole steps, now and at the peak */
static char *next_fresh;

static size_t steps_of(size_t size)
{
    return size != 0 ? (size + STEP - 1) / STEP : 1;
}

static void *take_fresh(size_t bytes)
{
    static char *end;
    if (!next_fresh) {
        next_fresh = mmap(NULL, HEAP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (next_fresh == MAP_FAILED)
            __builtin_trap();
        end = next_fresh + HEAP;
    }
    if (bytes > (size_t)(end - next_fresh))
        return NULL;
    void *taken = next_fresh;
    next_fresh += bytes;
    return taken;
}

static void note_taken(size_t size)
{
    size_t steps = steps_of(size);
    live_bytes += size;
    live_blocks++;
    step_bytes += steps * STEP;
    most_step_bytes = step_bytes > most_step_bytes ? step_bytes : most_step_bytes;
    if (steps > STEPS) {
        longer_bytes += size;
        most_longer_bytes = longer_bytes > most_longer_bytes ? longer_bytes : most_longer_bytes;
        return;
    }
    for (size_t from = 1; from <= steps; from++)
        for (size_t to = steps; to <= STEPS; to++) {
            uint32_t now = ++live[from][to];
            most[from][to] = now > most[from][to] ? now : most[from][to];
        }
}

static void note_freed(size_t size)
{
    size_t steps = steps_of(size);
    live_bytes -= size;
    live_blocks--;
    step_bytes -= steps * STEP;
    if (steps > STEPS) {
        longer_bytes -= size;
        return;
    }
    for (size_t from = 1; from <= steps; from++)
        for (size_t to = steps; to <= STEPS; to++)
            live[from][to]--;
}

/* Bytes of all classes, by the best map: least[to] is what the sizes up to TO steps need. */
static uint64_t least_bytes(void)
{
    uint64_t least[STEPS + 1] = {0};
    for (size_t to = 1; to <= STEPS; to++) {
        least[to] = UINT64_MAX;
        for (size_t from = 1; from <= to; from++) {
            uint64_t bytes = least[from - 1] + (uint64_t)most[from][to] * to * STEP;
            least[to] = bytes < least[to] ? bytes : least[to];
        }
    }
    return least[STEPS] + most_longer_bytes;
}

EXPORTED bool hak_stats_get(struct hak_stats *stats, size_t size)
{
    if (size == 0)
        return false;
    struct hak_stats all = {.live_bytes = live_bytes,
                            .live_blocks = live_blocks,
                            .resident_bytes = least_bytes(),
                            .peak_mapped_bytes = most_step_bytes};
    memset(stats, 0, size);
    memcpy(stats, &all, size < sizeof all ? size : sizeof all);
    return true;
}

EXPORTED void *malloc(size_t size)
{
    size_t steps = steps_of(size);
    struct header *header = steps <= STEPS ? freed[steps] : NULL;
    if (header)
        freed[steps] = header->next;
    else
        header = size <= HEAP ? take_fresh(sizeof *header + steps * STEP) : NULL;
    if (!header) {
        errno = ENOMEM;
        return NULL;
    }
    header->size = size;
    note_taken(size);
    return header + 1;
}

/* Makes its addresses free; those of a longer block are not used again. */
static void give(struct header *header)
{
    size_t steps = steps_of(header->size);
    if (steps > STEPS)
        return;
    header->next = freed[steps];
    freed[steps] = header;
}

EXPORTED void free(void *pointer)
{
    if (!pointer)
        return;
    struct header *header = (struct header *)pointer - 1;
    note_freed(header->size);
    give(header);
}

EXPORTED void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    void *block = malloc(bytes);
    return block ? memset(block, 0, bytes) : NULL;
}

EXPORTED void *realloc(void *pointer, size_t size)
{
    if (!pointer)
        return malloc(size);
    struct header *header = (struct header *)pointer - 1;
    size_t old = header->size;
    note_freed(old); /* first: another heap may let it grow in its place */
    void *block = malloc(size);
    if (!block) {
        note_taken(old);
        return NULL;
    }
    memcpy(block, pointer, old < size ? old : size);
    give(header);
    return block;
}

/* A block behind a header of its own, at an aligned address. */
EXPORTED void *aligned_alloc(size_t alignment, size_t size)
{
    alignment = alignment > STEP ? alignment : STEP;
    bool possible = size <= HEAP && alignment <= HEAP;
    char *fresh = possible ? take_fresh(sizeof(struct header) + alignment + steps_of(size) * STEP) : NULL;
    if (!fresh) {
        errno = ENOMEM;
        return NULL;
    }
    char *block = fresh + sizeof(struct header);
    block += -(uintptr_t)block & (alignment - 1);
    ((struct header *)block - 1)->size = size;
    note_taken(size);
    return block;
}

EXPORTED int posix_memalign(void **result, size_t alignment, size_t size)
{
    void *block = aligned_alloc(alignment, size);
    if (!block)
        return ENOMEM;
    *result = block;
    return 0;
}
