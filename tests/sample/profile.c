/* SPDX-License-Identifier: MIT */
/* The heap profile of known programs: its estimates have no bias, whichever way a block comes and goes. */
#include "lib/heap/size_class.h"
#include "lib/profile/active.h"
#include "lib/sample/estimate.h"
#include "lib/sample/records.h"
#include "lib/sample/sample.h"
#include "lib/space/large.h"
#include "lib/thread/thread_cache.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#include <math.h>
#include <pthread.h>
#include <string.h>

#define SEED 20261129
#define STANDARD_ERRORS 4
#define INTERVAL 16384

/* --- what was allocated, and what the profile says ---------------------------------------------------------------- */

/* Blocks by the size that the profile counts them with. */
#define KINDS 64
static struct kind {
    uint64_t bytes, taken, live;
    double seen_taken, seen_live; /* estimates */
} kinds[KINDS];

static struct kind *kind_of(uint64_t bytes)
{
    for (int i = 0; i < KINDS; i++)
        if (kinds[i].bytes == bytes || kinds[i].bytes == 0) {
            kinds[i].bytes = bytes;
            return &kinds[i];
        }
    dprintf(STDERR_FILENO, "more than %d sizes\n", KINDS);
    _exit(1);
}

static uint64_t counted_bytes(size_t size)
{
    return size <= SMALL_MAX_BYTES ? size_classes[size_class_of(size)].size : round_up(size, PAGE_BYTES);
}

static void note(size_t size, int taken, int live)
{
    struct kind *kind = kind_of(counted_bytes(size));
    kind->taken += (uint64_t)taken;
    kind->live += (uint64_t)live;
}

static void see(const struct sample_record *record, void *context)
{
    (void)context;
    struct kind *kind = kind_of(record->bytes);
    kind->seen_taken += (double)record_count(record).taken * estimate_weight(record->bytes);
    kind->seen_live += (double)record_count(record).live * estimate_weight(record->bytes);
}

static void check_one(const char *what, uint64_t bytes, double seen, uint64_t count)
{
    double p = 1 - exp(-(double)bytes / (double)HAK_PROFILE(heap_profile_interval)),
           error = sqrt((double)count * (1 - p) / p);
    if (fabs(seen - (double)count) <= STANDARD_ERRORS * error + 0.5)
        return;
    dprintf(STDERR_FILENO, "%s blocks of %lu: %.1f are seen, there are %lu +- %.1f\n", what, (unsigned long)bytes, seen,
            (unsigned long)count, error);
    _exit(1);
}

static void check(void)
{
    records_each(see, NULL);
    for (int i = 0; i < KINDS && kinds[i].bytes != 0; i++) {
        check_one("taken", kinds[i].bytes, kinds[i].seen_taken, kinds[i].taken);
        check_one("live", kinds[i].bytes, kinds[i].seen_live, kinds[i].live);
    }
}

static void begin(uint64_t interval)
{
    hak_free(hak_malloc(1));
    sample_clock_fix(SEED);
    hak_active_profile.heap_profile_interval = interval;
    CHILD_CHECK(hak_heap_profile_start());
}

/* --- estimates ---------------------------------------------------------------------------------------------------- */

/* Blocks that come and go at once: no stack ever falls. */
static void one_at_a_time(void)
{
    static const size_t sizes[] = {8, 100, 640, 5000, 30000, 70000};
    begin(INTERVAL);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int count = sizes[i] > 4096 ? 3000 : 200000;
        for (int n = 0; n < count; n++)
            hak_free(hak_malloc(sizes[i]));
        note(sizes[i], count, 0);
    }
    check();
}

#define HELD 20000

/* Random ones of many, by all functions that allocate. */
static void a_working_set(void)
{
    static void *held[HELD];
    static size_t size_of[HELD];
    uint32_t random = 1;
    begin(INTERVAL);
    for (int n = 0; n < 600000; n++) {
        uint32_t slot = random_next(&random) % HELD;
        size_t size = 16u << random_next(&random) % 7;
        hak_free(held[slot]);
        if (held[slot] != NULL)
            note(size_of[slot], 0, -1);
        switch (random_next(&random) % 4) {
        case 0:
            held[slot] = hak_calloc(size, 1);
            break;
        case 1:
            held[slot] = hak_aligned_alloc(size, size);
            break;
        case 2:
            CHILD_CHECK(hak_posix_memalign(&held[slot], 16, size) == 0);
            break;
        default:
            held[slot] = hak_malloc(size);
        }
        memset(held[slot], n, size);
        size_of[slot] = size;
        note(size, 1, 1);
    }
    check();
}

/* Blocks of memory that nobody had: calloc takes them by a way of its own. */
static void zeroed_blocks(void)
{
    begin(INTERVAL);
    for (int n = 0; n < 20000; n++) {
        char *block = hak_calloc(1, 2000);
        for (int i = 0; i < 2000; i += 100)
            CHILD_CHECK(block[i] == 0);
        block[n % 2000] = 1;
    }
    note(2000, 20000, 20000);
    check();
}

static void large_blocks(void)
{
    static void *held[200];
    begin((uint64_t)1 << 20);
    for (int n = 0; n < 3000; n++) {
        void **slot = &held[n % 200];
        hak_free(*slot);
        *slot = n % 2 == 0 ? hak_malloc(300000) : hak_calloc(1, 300000);
    }
    note(300000, 3000, 200);
    check();
}

/* Threads that allocate a block or two each, which others free. */
#define SHORT_THREADS 3000

static void *short_thread(void *argument)
{
    (void)argument;
    void *first = hak_malloc(3000), *second = hak_malloc(3000);
    hak_free(second);
    return first;
}

static void short_threads(void)
{
    begin(INTERVAL);
    for (int n = 0; n < SHORT_THREADS; n++) {
        pthread_t thread;
        void *block;
        CHILD_CHECK(pthread_create(&thread, NULL, short_thread, NULL) == 0);
        pthread_join(thread, &block);
        if (n % 2 == 0)
            hak_free(block);
    }
    note(3000, 2 * SHORT_THREADS, SHORT_THREADS / 2);
    check();
}

#define WORKERS 4

static void *worker(void *argument)
{
    static _Thread_local void *held[500];
    uint32_t random = (uint32_t)(uintptr_t)argument + 1;
    for (int n = 0; n < 200000; n++) {
        void **slot = &held[random_next(&random) % 500];
        hak_free(*slot);
        *slot = hak_malloc(200);
    }
    for (int i = 0; i < 500; i++)
        hak_free(held[i]);
    return NULL;
}

static void many_threads(void)
{
    pthread_t thread[WORKERS];
    begin(INTERVAL);
    for (int i = 0; i < WORKERS; i++)
        pthread_create(&thread[i], NULL, worker, (void *)(uintptr_t)i);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(thread[i], NULL);
    note(200, WORKERS * 200000, 0);
    struct kind *own = kind_of(counted_bytes(200));
    records_each(see, NULL);
    check_one("taken", own->bytes, own->seen_taken, own->taken);
    check_one("live", own->bytes, own->seen_live, 0);
}

/* --- each block, where all are sampled ---------------------------------------------------------------------------- */

struct sums {
    uint64_t taken, live, live_bytes;
};

static void add(const struct sample_record *record, void *context)
{
    struct sums *sums = context;
    sums->taken += record_count(record).taken;
    sums->live += record_count(record).live;
    sums->live_bytes += record_count(record).live * record->bytes;
}

static struct sums now(void)
{
    struct sums sums = {0};
    records_each(add, &sums);
    return sums;
}

static void check_sums(uint64_t taken, uint64_t live, uint64_t live_bytes)
{
    struct sums sums = now();
    if (sums.taken == taken && sums.live == live && sums.live_bytes == live_bytes)
        return;
    dprintf(STDERR_FILENO, "%lu taken, %lu live with %lu bytes; %lu, %lu and %lu are expected\n",
            (unsigned long)sums.taken, (unsigned long)sums.live, (unsigned long)sums.live_bytes, (unsigned long)taken,
            (unsigned long)live, (unsigned long)live_bytes);
    _exit(1);
}

static void a_block_by_itself(void)
{
    begin(1);
    hak_free(hak_malloc(1)); /* what is counted already */
    struct sums before = now();
    void *block = hak_malloc(100);
    check_sums(before.taken + 1, 1, 112);
    block = hak_realloc(block, 110); /* stays */
    check_sums(before.taken + 1, 1, 112);
    block = hak_realloc(block, 1000);
    check_sums(before.taken + 2, 1, 1024);
    block = hak_realloc(block, 100000);
    check_sums(before.taken + 3, 1, 131072);
    block = hak_realloc(block, 100); /* and back */
    check_sums(before.taken + 4, 1, 112);
    hak_free(block);
    check_sums(before.taken + 4, 0, 0);
}

static void large_blocks_that_grow(void)
{
    begin(1);
    hak_free(hak_malloc(1));
    struct sums before = now();
    char *block = hak_malloc(1 << 20);
    check_sums(before.taken + 1, 1, 1 << 20);
    block = hak_realloc(block, 8 << 20); /* where it is, or its memory moves */
    check_sums(before.taken + 2, 1, 8 << 20);
    block = hak_realloc(block, 1 << 20);
    check_sums(before.taken + 3, 1, 1 << 20);
    hak_heap_profile_stop();
    block = hak_realloc(block, 4 << 20); /* another block, which nobody watches */
    check_sums(before.taken + 3, 0, 0);
    hak_free(block);
    check_sums(before.taken + 3, 0, 0);
}

static void off_and_on(void)
{
    begin(1);
    hak_free(hak_malloc(1));
    void *watched = hak_malloc(100), *watched_too = hak_malloc(100000);
    struct sums before = now();
    CHILD_CHECK(before.live == 2);
    hak_heap_profile_stop();
    for (int n = 0; n < 1000; n++)
        hak_free(hak_malloc((size_t)n * 100));
    void *unwatched = hak_malloc(100);
    check_sums(before.taken, 2, before.live_bytes);
    hak_free(watched);
    hak_free(watched_too);
    check_sums(before.taken, 0, 0);
    CHILD_CHECK(hak_heap_profile_start());
    hak_free(unwatched);
    watched = hak_malloc(100);
    check_sums(before.taken + 1, 1, 112);
    hak_free(watched);
    check_sums(before.taken + 1, 0, 0);
}

/* What fails is in no profile. */
static void refused_memory(void)
{
    begin(1);
    hak_free(hak_malloc(1));
    struct sums before = now();
    CHILD_CHECK(hak_malloc(PTRDIFF_MAX) == NULL && hak_malloc(SIZE_MAX) == NULL &&
                hak_aligned_alloc(16, SIZE_MAX) == NULL);
    void *block = hak_malloc(100000);
    CHILD_CHECK(hak_realloc(block, PTRDIFF_MAX) == NULL);
    hak_free(block);
    check_sums(before.taken + 1, 0, 0);
}

/* The statistics are right whoever holds the blocks: the profile's heap, or its stacks. */
static void statistics_know_of_it(void)
{
    struct hak_stats before, with, after;
    static void *block[1000];
    begin(4096);
    hak_stats_get(&before, sizeof before);
    for (int n = 0; n < 1000; n++)
        block[n] = hak_malloc(256);
    hak_stats_get(&with, sizeof with);
    CHILD_CHECK(with.live_blocks == before.live_blocks + 1000 && with.live_bytes == before.live_bytes + 256000);
    for (int n = 0; n < 1000; n++)
        hak_free(block[n]);
    hak_stats_get(&after, sizeof after);
    CHILD_CHECK(after.live_blocks == before.live_blocks && after.live_bytes == before.live_bytes);
    CHILD_CHECK(after.cached_bytes > before.cached_bytes);
    hak_heap_profile_stop();
    hak_malloc_trim(0);
    hak_stats_get(&after, sizeof after);
    CHILD_CHECK(after.live_blocks == before.live_blocks && after.cached_bytes <= before.cached_bytes);
}

/* --- a toggle at any time ----------------------------------------------------------------------------------------- */

static _Atomic bool done;

static void *toggler(void *argument)
{
    while (!atomic_load(&done)) {
        sample_switch(true);
        sample_switch(false);
    }
    return argument;
}

static void toggled_under_load(void)
{
    pthread_t thread[WORKERS + 2];
    hak_active_profile.heap_profile_interval = 1000;
    hak_free(hak_malloc(1));
    CHILD_CHECK(sample_prepare());
    for (int i = 0; i < 2; i++)
        pthread_create(&thread[WORKERS + i], NULL, toggler, NULL);
    for (int i = 0; i < WORKERS; i++)
        pthread_create(&thread[i], NULL, worker, (void *)(uintptr_t)i);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(thread[i], NULL);
    atomic_store(&done, true);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[WORKERS + i], NULL);
    sample_switch(true);
    CHILD_CHECK(sample_is_on() && size_class_to_pop(200) >= size_class_count);
    sample_switch(false);
    CHILD_CHECK(!sample_is_on() && size_class_to_pop(200) < size_class_count);
    struct sums sums = now();
    CHILD_CHECK(sums.taken > 0 && sums.live == 0);
}

#define IN_CHILD(name)                    \
    static void test_##name(void **state) \
    {                                     \
        (void)state;                      \
        assert_child_passes(name);        \
    }
IN_CHILD(one_at_a_time)
IN_CHILD(a_working_set)
IN_CHILD(zeroed_blocks)
IN_CHILD(large_blocks)
IN_CHILD(short_threads)
IN_CHILD(many_threads)
IN_CHILD(a_block_by_itself)
IN_CHILD(large_blocks_that_grow)
IN_CHILD(off_and_on)
IN_CHILD(refused_memory)
IN_CHILD(statistics_know_of_it)
IN_CHILD(toggled_under_load)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_at_a_time),
                                       cmocka_unit_test(test_a_working_set),
                                       cmocka_unit_test(test_zeroed_blocks),
                                       cmocka_unit_test(test_large_blocks),
                                       cmocka_unit_test(test_short_threads),
                                       cmocka_unit_test(test_many_threads),
                                       cmocka_unit_test(test_a_block_by_itself),
                                       cmocka_unit_test(test_large_blocks_that_grow),
                                       cmocka_unit_test(test_off_and_on),
                                       cmocka_unit_test(test_refused_memory),
                                       cmocka_unit_test(test_statistics_know_of_it),
                                       cmocka_unit_test(test_toggled_under_load)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
