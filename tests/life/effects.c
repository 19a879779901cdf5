/* SPDX-License-Identifier: MIT */
/* effects SCENARIO: runs a few lines of allocator use and prints what hak_stats_get says afterwards, one "name value" a
 * line. effects.tap runs it under profiles that differ in one parameter and compares. `effects values KEY...` prints
 * the values in force. */
#include "tests/life/resident.h"

#include <hakmem/hakmem.h>

#include <dlfcn.h>
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MIB ((size_t)1 << 20)
#define MANY 250000

static bool (*stats_get)(struct hak_stats *, size_t);
static int (*profile_value)(const char *, char *, size_t);
static int (*trim)(size_t);
static void *blocks[MANY];

static struct hak_stats read_stats(void)
{
    struct hak_stats stats;
    if (!stats_get(&stats, sizeof stats))
        exit(99);
    return stats;
}

static void print(const char *name, uint64_t value)
{
    printf("%s %" PRIu64 "\n", name, value);
}

static void allocate(size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        blocks[i] = malloc(size);
        if (!blocks[i])
            exit(98);
        memset(blocks[i], 1, size);
    }
}

static void release(size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(blocks[i]);
}

/* Lets MILLISECONDS pass in a program that goes on allocating a little: purging needs no thread of its own, but it
 * needs calls. */
static void live_on(unsigned milliseconds)
{
    for (unsigned i = 0; i < milliseconds; i++) {
        struct timespec one = {.tv_nsec = 1000000};
        nanosleep(&one, NULL);
        void *few[600];
        for (size_t j = 0; j < 600; j++)
            few[j] = malloc(3000);
        for (size_t j = 0; j < 600; j++)
            free(few[j]);
    }
}

/* KiB of huge pages that the process has, by the kernel's account; 0 where it keeps none. */
static uint64_t huge_kib(void)
{
    char line[256];
    uint64_t kib = 0, all = 0;
    FILE *smaps = fopen("/proc/self/smaps_rollup", "r");
    if (!smaps)
        return 0;
    while (fgets(line, sizeof line, smaps)) {
        if (sscanf(line, "AnonHugePages: %" SCNu64, &kib) == 1 || sscanf(line, "Private_Hugetlb: %" SCNu64, &kib) == 1)
            all += kib;
    }
    fclose(smaps);
    return all;
}

/* Memory that the process has for itself, in KiB; 0 where the kernel keeps no account of it. Not what is private and
 * dirty: code counts as that too, for as long as its file, which was just built, is not on the disk. */
static void scenario_private(void)
{
    char line[256];
    uint64_t kib = 0;
    free(malloc(100));
    FILE *smaps = fopen("/proc/self/smaps_rollup", "r");
    while (smaps && fgets(line, sizeof line, smaps) && sscanf(line, "Anonymous: %" SCNu64, &kib) != 1)
        ;
    print("private_kib", kib);
}

static void print_live(void)
{
    struct hak_stats stats = read_stats();
    print("superslabs", stats.superslabs);
    print("mapped", stats.mapped_bytes);
    print("slabs", stats.slabs);
    print("huge_requests", stats.huge_page_requests);
    print("huge_refusals", stats.huge_page_refusals);
    print("prefaulted", stats.prefaulted_bytes);
    print("live_bytes", stats.live_bytes);
    print("huge_kib", huge_kib());
    print("resident", resident_now());
}

/* 40 MB, or COUNT_TEXT times 1,000 bytes, of live blocks, in a program that goes on for MILLISECONDS. */
static void scenario_live(const char *count_text, unsigned milliseconds)
{
    allocate(strtoul(count_text, NULL, 10), 1000);
    live_on(milliseconds);
    print_live();
}

/* Of filled SuperSlabs so many may have no huge page yet: those that new blocks come from. */
#define NOT_FILLED_MOST 3
/* The allocator gives up when so many were refused. */
#define REFUSALS_MOST 4
#define WAIT_MOST_SECONDS 60

/* The same with 40 MB, until huge pages were asked for behind all that is filled: how long that takes is the kernel's
 * affair, since where a processor is busy one of them may take it 400 ms, and the next one waits for longer. */
static void scenario_filled(void)
{
    allocate(40000, 1000);
    struct hak_stats stats;
    time_t begun = time(NULL);
    do {
        live_on(50);
        stats = read_stats();
    } while (stats.huge_page_requests + NOT_FILLED_MOST < stats.superslabs &&
             stats.huge_page_refusals < REFUSALS_MOST && time(NULL) - begun < WAIT_MOST_SECONDS);
    print_live();
}

/* The first small block of a program: what is touched in advance. */
static void scenario_first(void)
{
    free(malloc(48));
    print("prefaulted", read_stats().prefaulted_bytes);
    print("huge_requests", read_stats().huge_page_requests);
}

/* Live blocks of 6 MiB, of which a huge page or two lie inside each whatever its address; and the next ones, after
 * these were freed and their memory has gone. */
static void scenario_live_large(void)
{
    allocate(4, 6u << 20);
    print("huge_requests", read_stats().huge_page_requests);
    print("huge_kib", huge_kib());
    release(4);
    trim(0);
    allocate(4, 6u << 20);
    print("next_huge_kib", huge_kib());
}

/* Blocks of 8 MB are freed, a pause follows, and then the program goes on. */
static void scenario_pause(void)
{
    allocate(8000, 1000);
    release(8000);
    sleep(1);
    free(malloc(20000));
    print("purged_after_pause", read_stats().purged_bytes);
    live_on(700);
    print("purged", read_stats().purged_bytes);
}

/* 64 MiB come and go. */
static void scenario_gone(void)
{
    allocate(64000, 1000);
    struct hak_stats full = read_stats();
    release(64000);
    live_on(300);
    struct hak_stats stats = read_stats();
    print("superslabs_full", full.superslabs);
    print("superslabs", stats.superslabs);
    print("unmapped", stats.superslabs_unmapped - full.superslabs_unmapped);
    print("purges", stats.purges);
    print("purged", stats.purged_bytes);
    print("resident_full", full.resident_bytes);
    print("resident", stats.resident_bytes);
}

/* Of 64 MB of blocks one in sixteen stays, so that hardly a slab becomes empty. */
static void scenario_holes(void)
{
    uint64_t before = resident_now();
    allocate(64000, 1000);
    uint64_t full = resident_now();
    for (size_t i = 0; i < 64000; i++)
        if (i % 16 != 0)
            free(blocks[i]);
    print("full", full - before);
    print("left", resident_now() - before);
    trim(0);
    print("left_after_trim", resident_now() - before);
}

/* What the thread cache holds after 20,000 blocks of 64 bytes were freed, and how it got rid of the others. */
static void scenario_cache(const char *size_text)
{
    size_t size = (size_t)strtoul(size_text, NULL, 10);
    size_t count = 20000;
    allocate(count, size); /* first of all, since new memory comes in pieces of its own */
    release(count);
    struct hak_stats start = read_stats();
    allocate(count, size);
    struct hak_stats full = read_stats();
    release(count);
    struct hak_stats end = read_stats();
    uint64_t refills = full.refills - start.refills, drains = end.drains - full.drains;
    print("block", malloc_usable_size(malloc(size)));
    print("cached", end.cached_bytes);
    print("refills", refills);
    print("refilled_each", refills ? (full.refilled_objects - start.refilled_objects) / refills : 0);
    print("drains", drains);
    print("drained_each", drains ? (end.drained_objects - full.drained_objects) / drains : 0);
    print("live", end.live_bytes);
}

/* How many of 100 blocks of 256 bytes are the next class's, which has many free; its own has no memory yet. */
static void scenario_borrow(void)
{
    allocate(200, 320);
    release(200);
    allocate(100, 256);
    print("borrowed", read_stats().objects_borrowed);
}

/* How much travels between the thread cache and the heap when 1,000 blocks of 64 bytes are allocated and freed again
 * and again, and have been for a while. */
static void scenario_thrash(void)
{
    enum { SWINGS = 100, BLOCKS = 1000 };
    struct hak_stats start;
    for (unsigned i = 0; i < 2 * SWINGS; i++) {
        if (i == SWINGS)
            start = read_stats();
        allocate(BLOCKS, 64);
        release(BLOCKS);
    }
    struct hak_stats end = read_stats();
    print("refills", end.refills - start.refills);
    print("drains", end.drains - start.drains);
}

static void *release_some(void *count)
{
    release((size_t)(uintptr_t)count);
    return NULL;
}

/* Another thread frees 10,000 blocks of this one. */
static void scenario_remote(size_t size)
{
    allocate(10000, size);
    struct hak_stats start = read_stats();
    pthread_t thread;
    if (pthread_create(&thread, NULL, release_some, (void *)(uintptr_t)10000) != 0 || pthread_join(thread, NULL) != 0)
        exit(99);
    struct hak_stats end = read_stats();
    print("flushes", end.remote_flushes - start.remote_flushes);
    print("objects", end.remote_objects - start.remote_objects);
}

/* Four blocks of 12 MiB come and go. */
static void scenario_large(void)
{
    allocate(4, 12 * MIB);
    release(4);
    struct hak_stats stats = read_stats();
    print("large_cached", stats.large_cached_bytes);
    print("large_blocks", stats.large_blocks);
}

/* A GiB of blocks comes and goes; then the program sleeps for a second. */
static void scenario_peak(const char *size_text)
{
    size_t size = (size_t)strtoul(size_text, NULL, 10), count = ((size_t)1 << 30) / size;
    memset(blocks, 0, sizeof blocks);
    uint64_t before = resident_now();
    allocate(count, size);
    uint64_t full = resident_now();
    release(count);
    sleep(1);
    print("peak", full - before);
    print("left", resident_now() - before);
}

static pthread_barrier_t all_live;

static void *live_shortly(void *nothing)
{
    void *block[50];
    pthread_barrier_wait(&all_live);
    for (unsigned i = 0; i < 50; i++)
        block[i] = memset(malloc(16 + i * 40), 1, 16 + i * 40);
    pthread_barrier_wait(&all_live);
    for (unsigned i = 0; i < 50; i++)
        free(block[i]);
    return nothing;
}

/* 10,000 threads, 100 at a time. */
static void scenario_threads(void)
{
    enum { ROUNDS = 100, AT_A_TIME = 100 };
    pthread_barrier_init(&all_live, NULL, AT_A_TIME);
    for (unsigned round = 0; round < ROUNDS; round++) {
        pthread_t thread[AT_A_TIME];
        for (unsigned i = 0; i < AT_A_TIME; i++)
            if (pthread_create(&thread[i], NULL, live_shortly, NULL) != 0)
                exit(99);
        for (unsigned i = 0; i < AT_A_TIME; i++)
            pthread_join(thread[i], NULL);
        if (round == 9)
            print("first", resident_now());
    }
    print("last", resident_now());
}

static void *fill_and_free(void *nothing)
{
    void *block[100];
    for (unsigned i = 0; i < 100; i++)
        block[i] = memset(malloc(100), 1, 100);
    for (unsigned i = 0; i < 100; i++)
        free(block[i]);
    return nothing;
}

/* A hundred threads, one after the other, and what their caches hold afterwards. */
static void scenario_successors(void)
{
    struct hak_stats start = read_stats();
    for (unsigned i = 0; i < 100; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, fill_and_free, NULL) != 0 || pthread_join(thread, NULL) != 0)
            exit(99);
    }
    struct hak_stats end = read_stats();
    print("refills", end.refills - start.refills);
    print("cached", end.cached_bytes);
    print("kept", end.heaps_kept);
    trim(0);
    print("cached_after_trim", read_stats().cached_bytes);
    print("kept_after_trim", read_stats().heaps_kept);
}

static void *live_beside_others(void *nothing)
{
    enum { EACH = 1000 };
    void *block[EACH];
    for (unsigned i = 0; i < EACH; i++) {
        size_t size = 16 + i % 40 * 40;
        block[i] = memset(malloc(size), 1, size);
    }
    pthread_barrier_wait(&all_live);
    pthread_barrier_wait(&all_live);
    for (unsigned i = 0; i < EACH; i++)
        free(block[i]);
    return nothing;
}

/* Fifty threads with a megabyte each. */
static void scenario_crowd(void)
{
    enum { THREADS = 50 };
    pthread_t thread[THREADS];
    pthread_barrier_init(&all_live, NULL, THREADS + 1);
    for (unsigned i = 0; i < THREADS; i++)
        if (pthread_create(&thread[i], NULL, live_beside_others, NULL) != 0)
            exit(99);
    pthread_barrier_wait(&all_live);
    live_on(700);
    print("superslabs", read_stats().superslabs);
    print("resident", resident_now());
    pthread_barrier_wait(&all_live);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
}

/* A file in memory, but for what may be written. */
struct file_in_memory {
    uint64_t constant_mappings, constant_kib;
    uint64_t code_mappings, start_code_kib; /* what the start alone runs is the first of the code's mappings */
};

static struct file_in_memory read_file_in_memory(const char *name)
{
    char line[512];
    bool constants = false, code = false;
    uint64_t kib;
    struct file_in_memory file = {0};
    FILE *smaps = fopen("/proc/self/smaps", "r");
    if (!smaps)
        return file;
    while (fgets(line, sizeof line, smaps)) {
        if (strchr(line, '-') && strchr(line, '/')) {
            file.constant_mappings += constants = strstr(line, name) && strstr(line, " r--p ");
            file.code_mappings += code = strstr(line, name) && strstr(line, " r-xp ");
        } else if (sscanf(line, "Rss: %" SCNu64, &kib) == 1) {
            file.constant_kib += constants ? kib : 0;
            file.start_code_kib += code && file.code_mappings == 1 ? kib : 0;
        }
    }
    fclose(smaps);
    return file;
}

/* Blocks of all sizes come and go, in this thread and in another. */
static void *all_sizes(void *nothing)
{
    for (size_t size = 1; size < 8 * MIB; size += size / 8 + 1) {
        allocate(size < 100000 ? 20 : 2, size);
        release(size < 100000 ? 20 : 2);
    }
    return nothing;
}

/* Two that show what the compiler and the linker do with code that seldom runs. */
static __attribute__((noinline, cold)) void give_up(void)
{
    exit(99);
}

static __attribute__((constructor)) void begin(void)
{
}

/* Whether these put such code first, then constructors, then the rest; and constants apart from code. The library's are
 * made by the same. */
static bool start_is_put_apart(void)
{
    bool in_order = (uintptr_t)give_up < (uintptr_t)begin && (uintptr_t)begin < (uintptr_t)all_sizes;
    return in_order && read_file_in_memory("tests/life/effects").constant_mappings >= 2;
}

static void scenario_start_pages(void)
{
    pthread_t thread;
    all_sizes(NULL);
    if (pthread_create(&thread, NULL, all_sizes, NULL) != 0)
        give_up();
    pthread_join(thread, NULL);
    struct file_in_memory file = read_file_in_memory("libhakmem.so");
    print("start_is_put_apart", start_is_put_apart());
    print("constant_mappings", file.constant_mappings);
    print("constant_kib", file.constant_kib);
    print("code_mappings", file.code_mappings);
    print("start_code_kib", file.start_code_kib);
}

static void print_usable_sizes(int count, char **sizes)
{
    for (int i = 0; i < count; i++) {
        size_t size = (size_t)strtoul(sizes[i], NULL, 10);
        printf("usable_%zu %zu\n", size, malloc_usable_size(malloc(size)));
    }
}

static void print_values(int count, char **keys)
{
    for (int i = 0; i < count; i++) {
        char text[512];
        if (profile_value(keys[i], text, sizeof text) < 0)
            snprintf(text, sizeof text, "unknown");
        printf("%s %s\n", keys[i], text);
    }
}

static void find(const char *name, void *pointer)
{
    void *found = dlsym(RTLD_DEFAULT, name);
    if (!found) {
        fprintf(stderr, "effects: no %s in this process\n", name);
        exit(97);
    }
    memcpy(pointer, &found, sizeof found);
}

int main(int argc, char **argv)
{
    const char *scenario = argc > 1 ? argv[1] : "";
    find("hak_stats_get", &stats_get);
    find("hak_profile_value", &profile_value);
    find("hak_malloc_trim", &trim);
    if (strcmp(scenario, "live") == 0)
        scenario_live(argc > 2 ? argv[2] : "40000", argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0);
    else if (strcmp(scenario, "filled") == 0)
        scenario_filled();
    else if (strcmp(scenario, "live-large") == 0)
        scenario_live_large();
    else if (strcmp(scenario, "pause") == 0)
        scenario_pause();
    else if (strcmp(scenario, "first") == 0)
        scenario_first();
    else if (strcmp(scenario, "private") == 0)
        scenario_private();
    else if (strcmp(scenario, "gone") == 0)
        scenario_gone();
    else if (strcmp(scenario, "holes") == 0)
        scenario_holes();
    else if (strcmp(scenario, "thrash") == 0)
        scenario_thrash();
    else if (strcmp(scenario, "cache") == 0 && argc == 3)
        scenario_cache(argv[2]);
    else if (strcmp(scenario, "borrow") == 0 && argc == 2)
        scenario_borrow();
    else if (strcmp(scenario, "remote") == 0 && argc == 3)
        scenario_remote(strtoul(argv[2], NULL, 10));
    else if (strcmp(scenario, "peak") == 0 && argc == 3)
        scenario_peak(argv[2]);
    else if (strcmp(scenario, "threads") == 0)
        scenario_threads();
    else if (strcmp(scenario, "successors") == 0)
        scenario_successors();
    else if (strcmp(scenario, "crowd") == 0)
        scenario_crowd();
    else if (strcmp(scenario, "large") == 0)
        scenario_large();
    else if (strcmp(scenario, "start-pages") == 0)
        scenario_start_pages();
    else if (strcmp(scenario, "usable") == 0)
        print_usable_sizes(argc - 2, argv + 2);
    else if (strcmp(scenario, "values") == 0)
        print_values(argc - 2, argv + 2);
    else
        return 99;
    return 0;
}
