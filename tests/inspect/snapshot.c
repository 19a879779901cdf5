/* SPDX-License-Identifier: MIT */
/* A heap read from outside is what the library says of it itself, to the byte where nothing runs; and whatever is in
 * the memory that is read, the reader comes to an end. The heap is this program's own, or that of a child of it. */
#include "cli/inspect/look.h"
#include "lib/heap/registry.h"
#include "lib/heap/size_class.h"
#include "lib/profile/active.h"
#include "lib/space/pool_state.h"
#include "lib/thread/thread_cache.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* --- the process that is read ------------------------------------------------------------------------------------- */

static struct target target;
static struct look look;
static char message[TARGET_MESSAGE];

static void open_process(pid_t pid)
{
    if (!target_open(&target, pid, message, sizeof message))
        fail_msg("%s", message);
}

static void take(void)
{
    if (!look_take(&look, &target, message, sizeof message))
        fail_msg("%s", message);
}

static int open_own(void **state)
{
    (void)state;
    hak_free(hak_malloc(1));
    for (unsigned class = 0; class < size_class_count; class ++)
        size_classes[class].lenders = 0; /* a longer block in place of a short one would be of all threads */
    open_process(getpid());
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    look_free(&look);
    memset(&look, 0, sizeof look);
    target_close(&target);
    return 0;
}

/* What the heap of this program has, by both. */
static void expect_same(void)
{
    struct hak_stats stats;
    assert_true(hak_stats_get(&stats, sizeof stats));
    take();
    const struct snapshot *now = &look.now;
    assert_int_equal(now->torn, 0);
    assert_false(now->is_missing_some);
    assert_int_equal(now->figures.allocated_blocks, stats.live_blocks);
    assert_int_equal(now->figures.allocated_bytes, stats.live_bytes);
    assert_int_equal(now->figures.cached_bytes, stats.cached_bytes);
    assert_int_equal(now->figures.free_bytes, stats.free_bytes);
    assert_int_equal(now->figures.rounding_bytes, stats.rounding_bytes);
    assert_int_equal(now->figures.retained_bytes, stats.retained_bytes);
    assert_int_equal(now->counts.metadata_bytes, stats.metadata_bytes);
    assert_int_equal(now->figures.mapped_bytes, stats.total_mapped_bytes);
    assert_int_equal(now->figures.use_bytes[PAGES_LAZY], stats.lazily_freed_bytes);
    assert_int_equal(now->figures.slabs, stats.slabs);
    assert_int_equal(now->counts.superslabs, stats.superslabs);
    assert_int_equal(now->large_bytes, stats.large_bytes);
    assert_int_equal(now->counts.peak_mapped_bytes, stats.peak_mapped_bytes);
    assert_int_equal(now->large_blocks, stats.large_blocks);
    assert_int_equal(now->heap_count, stats.heaps);
    assert_int_equal(now->events.refills, stats.refills);
    assert_int_equal(now->events.refilled_blocks, stats.refilled_objects);
    assert_int_equal(now->events.drains, stats.drains);
    assert_int_equal(now->events.drained_blocks, stats.drained_objects);
    assert_int_equal(now->events.remote_blocks, stats.remote_objects);
    assert_int_equal(now->events.superslabs_mapped, stats.superslabs_mapped);
    assert_int_equal(now->events.superslabs_unmapped, stats.superslabs_unmapped);
    assert_int_equal(now->events.purged_bytes, stats.purged_bytes);
}

/* Each page of each SuperSlab is in one run, and each slab that a heap counts was found. */
static void expect_whole(void)
{
    const struct snapshot *now = &look.now;
    uint64_t bytes = 0, slabs = 0;
    for (size_t i = 0; i < now->superslab_count; i++) {
        const struct snapshot_superslab *superslab = &now->superslabs[i];
        uint32_t next = 0;
        for (size_t run = 0; run < superslab->runs; run++) {
            assert_int_equal(now->runs[superslab->first_run + run].first, next);
            next += now->runs[superslab->first_run + run].pages;
        }
        assert_int_equal(next, superslab->pages);
        bytes += (uint64_t)superslab->pages << PAGE_SHIFT;
    }
    assert_int_equal(bytes, now->counts.superslab_bytes);
    for (size_t i = 0; i < now->class_count; i++) {
        assert_int_equal(now->classes[i].seen_slabs, now->classes[i].counts.slabs);
        slabs += now->classes[i].seen_slabs;
    }
    assert_int_equal(slabs << PAGE_SHIFT <= bytes, true);
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

#define BLOCKS 20000

static void known_blocks_are_counted(void **state)
{
    (void)state;
    static void *block[BLOCKS];
    expect_same();
    expect_whole();
    unsigned class = size_class_of(1000);
    uint64_t before = look.now.classes[class].figures.allocated;
    for (int i = 0; i < BLOCKS; i++)
        block[i] = hak_malloc(1000);
    expect_same();
    expect_whole();
    assert_int_equal(look.now.classes[class].figures.allocated, before + BLOCKS);
    assert_int_equal(look.now.classes[class].size, size_classes[class].size);
    for (int i = 0; i < BLOCKS; i += 2)
        hak_free(block[i]);
    expect_same();
    expect_whole();
    assert_int_equal(look.now.classes[class].figures.allocated, before + BLOCKS / 2);
    for (int i = 1; i < BLOCKS; i += 2)
        hak_free(block[i]);
    hak_malloc_trim(0);
    expect_same();
    expect_whole();
    assert_int_equal(look.now.classes[class].figures.allocated, before);
}

static void large_blocks_are_found(void **state)
{
    (void)state;
    void *run = hak_malloc(300000), *mapping = hak_malloc((size_t)40 << 20);
    expect_same();
    expect_whole();
    assert_int_equal(look.now.large_bytes, hak_malloc_usable_size(run) + hak_malloc_usable_size(mapping));
    assert_int_equal(look.now.mapping_count, 1);
    assert_int_equal(look.now.mappings[0].base, (uintptr_t)mapping);
    assert_false(look.now.mappings[0].retained);
    bool found = false;
    for (size_t i = 0; i < look.now.superslab_count && !found; i++)
        for (size_t j = 0; j < look.now.superslabs[i].runs && !found; j++) {
            const struct snapshot_run *at = &look.now.runs[look.now.superslabs[i].first_run + j];
            found = at->use == PAGES_LARGE &&
                    look.now.superslabs[i].base + ((uint64_t)at->first << PAGE_SHIFT) == (uintptr_t)run &&
                    (uint64_t)at->pages << PAGE_SHIFT == hak_malloc_usable_size(run);
        }
    assert_true(found);
    hak_free(run);
    hak_free(mapping);
    expect_same();
    expect_whole();
    hak_malloc_trim(0);
    expect_same();
    assert_int_equal(look.now.mapping_count, 0);
}

static void all_sizes_at_random(void **state)
{
    (void)state;
    static void *block[2000];
    uint32_t seed = 1;
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 2000; i++) {
            size_t slot = random_next(&seed) % 2000, size = random_next(&seed) % (1u << random_next(&seed) % 22);
            hak_free(block[slot]);
            block[slot] = hak_malloc(size);
        }
        expect_same();
        expect_whole();
    }
    for (int i = 0; i < 2000; i++)
        hak_free(block[i]);
}

/* Blocks in counted stacks, and those that are watched: whether they are with the program, or free. */
static void the_heap_profile_hides_nothing(void **state)
{
    (void)state;
    static void *block[5000];
    hak_active_profile.heap_profile_interval = 2000;
    assert_true(hak_heap_profile_start());
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 5000; i++)
            block[i] = hak_malloc((size_t)1 << i % 14);
        expect_same();
        expect_whole();
        for (int i = 0; i < 5000; i++)
            if (i % 3 != 0 || round == 3)
                hak_free(block[i]);
        for (int i = 0; i < 5000; i++)
            if (i % 3 != 0 && round != 3)
                block[i] = hak_malloc((size_t)1 << i % 14);
        expect_same();
        expect_whole();
        for (int i = 0; i < 5000 && round != 3; i++)
            hak_free(block[i]);
    }
    bool counted = false;
    for (unsigned class = 0; class < size_class_counted; class ++)
        counted |=
            thread_cache_blocks(thread_cache_of_thread, class) > thread_cache_height(thread_cache_of_thread, class);
    assert_true(counted);
    hak_heap_profile_stop();
    hak_malloc_trim(0);
    expect_same();
    expect_whole();
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

#define THREADS 5
#define FIRST_BLOCKS 500 /* a thread that has just begun takes those of all threads */
#define OWN_BLOCKS 64

static struct worker {
    pthread_t thread;
    sem_t ready, may_end;
    pid_t id;
    void *blocks[OWN_BLOCKS];
} workers[THREADS];

static void *work(void *context)
{
    struct worker *worker = context;
    char name[16];
    snprintf(name, sizeof name, "worker %d", (int)(worker - workers));
    prctl(PR_SET_NAME, name);
    worker->id = (pid_t)syscall(SYS_gettid);
    for (int i = 0; i < FIRST_BLOCKS + OWN_BLOCKS; i++) {
        void *block = hak_malloc(24); /* shorter than a cache line: of this thread's own heap, once it has one */
        if (i >= FIRST_BLOCKS)
            worker->blocks[i - FIRST_BLOCKS] = block;
    }
    sem_post(&worker->ready);
    sem_wait(&worker->may_end);
    return NULL;
}

static void start_workers(void)
{
    for (int i = 0; i < THREADS; i++) {
        sem_init(&workers[i].ready, 0, 0);
        sem_init(&workers[i].may_end, 0, 0);
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        sem_wait(&workers[i].ready);
}

static void end_workers(void)
{
    for (int i = 0; i < THREADS; i++) {
        sem_post(&workers[i].may_end);
        pthread_join(workers[i].thread, NULL);
    }
}

static const struct snapshot_heap *heap_of(pid_t thread)
{
    for (size_t i = 0; i < look.now.heap_count; i++)
        if (look.now.heaps[i].thread == thread)
            return &look.now.heaps[i];
    fail_msg("no heap of thread %d", (int)thread);
    return NULL;
}

static void threads_have_names(void **state)
{
    (void)state;
    start_workers();
    expect_same();
    for (int i = 0; i < THREADS; i++) {
        char name[16];
        snprintf(name, sizeof name, "worker %d", i);
        assert_string_equal(heap_of(workers[i].id)->name, name);
        assert_false(heap_of(workers[i].id)->idle);
    }
    assert_int_equal(heap_of(getpid())->id, 1);
    end_workers();
    expect_same();
    for (int i = 0; i < THREADS; i++)
        for (size_t j = 0; j < look.now.heap_count; j++)
            assert_int_not_equal(look.now.heaps[j].thread, workers[i].id);
}

/* Blocks that wait in a buffer for their own heap are free, but not in its slabs. */
static void blocks_on_their_way_back(void **state)
{
    (void)state;
    start_workers();
    for (int i = 0; i < 20; i++)
        hak_free(workers[0].blocks[i]);
    expect_same();
    assert_int_equal(heap_of(getpid())->buffered_blocks, 20);
    for (int i = 20; i < OWN_BLOCKS; i++)
        hak_free(workers[0].blocks[i]);
    expect_same();
    end_workers();
    expect_same();
}

static void rates_are_those_between_two_looks(void **state)
{
    (void)state;
    expect_same();
    assert_false(look.has_before);
    for (int i = 0; i < 5000; i++)
        hak_free(hak_malloc(100));
    void *block[300];
    for (int i = 0; i < 300; i++)
        block[i] = hak_malloc(100);
    expect_same();
    assert_true(look.has_before && look.seconds > 0);
    assert_true(look_rate(&look, look.now.events.refills, look.before.events.refills) > 0);
    assert_ptr_equal(look_heap_before(&look, 0), &look.before.heaps[0]);
    for (int i = 0; i < 300; i++)
        hak_free(block[i]);
}

/* --- another way to read ------------------------------------------------------------------------------------------ */

static void by_file(void **state)
{
    (void)state;
    target.memory.file = open("/proc/self/mem", O_RDONLY);
    assert_true(target.memory.file >= 0);
    expect_same();
    expect_whole();
}

/* --- processes that end, change, or are spoilt -------------------------------------------------------------------- */

/* A child that does BODY, says so and waits. */
static pid_t start_child(void (*body)(uint32_t seed), uint32_t seed)
{
    int ends[2];
    char byte = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        alarm(CHILD_SECONDS);
        body(seed);
        if (write(ends[1], &byte, 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return child;
}

static void end_child(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void do_nothing(uint32_t seed)
{
    (void)seed;
}

static void a_process_ends(void **state)
{
    (void)state;
    pid_t child = start_child(do_nothing, 0);
    open_process(child);
    take();
    kill(child, SIGKILL);
    siginfo_t info;
    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT); /* it is a zombie now */
    assert_false(look_take(&look, &target, message, sizeof message));
    assert_non_null(strstr(message, "has ended"));
    struct target other;
    assert_false(target_open(&other, child, message, sizeof message));
    assert_non_null(strstr(message, "has ended; its parent has not taken note of that yet"));
    waitpid(child, NULL, 0);
    assert_false(target_open(&other, child, message, sizeof message));
    assert_non_null(strstr(message, "there is no process"));
    assert_false(look_take(&look, &target, message, sizeof message));
    assert_non_null(strstr(message, "has ended"));
}

static void become_sleep(int signal_number)
{
    (void)signal_number;
    execlp("sleep", "sleep", "60", (char *)NULL);
    _exit(1);
}

static void wait_for_exec(uint32_t seed)
{
    (void)seed;
    signal(SIGUSR1, become_sleep);
}

static void a_process_executes_another_program(void **state)
{
    (void)state;
    pid_t child = start_child(wait_for_exec, 0);
    open_process(child);
    take();
    kill(child, SIGUSR1);
    char path[64], program[256] = "";
    snprintf(path, sizeof path, "/proc/%d/comm", (int)child);
    for (int i = 0; i < 6000 && strncmp(program, "sleep", 5) != 0; i++) {
        usleep(10000);
        int file = open(path, O_RDONLY);
        if (read(file, program, sizeof program - 1) < 0)
            program[0] = '\0';
        close(file);
    }
    assert_false(look_take(&look, &target, message, sizeof message));
    assert_non_null(strstr(message, "has executed another program, sleep"));
    end_child(child);
}

/* --- what refuses ------------------------------------------------------------------------------------------------- */

static struct hak_inspect_root *writable_root(void)
{
    uintptr_t page = (uintptr_t)&hak_inspect_root & ~(uintptr_t)(sysconf(_SC_PAGESIZE) - 1);
    size_t bytes = (uintptr_t)(&hak_inspect_root + 1) - page;
    if (mprotect((void *)page, bytes, PROT_READ | PROT_WRITE) != 0)
        _exit(1);
    return (struct hak_inspect_root *)(uintptr_t)&hak_inspect_root;
}

static void become_newer(uint32_t seed)
{
    struct hak_inspect_root *root = writable_root();
    root->version += seed;
    strcpy(root->library, "9.8.7");
}

static void know_less(uint32_t seed)
{
    (void)seed;
    writable_root()->member_count--;
}

static void be_senseless(uint32_t seed)
{
    writable_root()->page_shift = seed;
}

static void not_start(uint32_t seed)
{
    (void)seed;
    size_class_count = 0;
}

static void expect_refusal(void (*body)(uint32_t seed), uint32_t seed, const char *expected)
{
    pid_t child = start_child(body, seed);
    assert_false(target_open(&target, child, message, sizeof message));
    if (!strstr(message, expected))
        fail_msg("\"%s\" is not in: %s", expected, message);
    end_child(child);
}

static void other_versions(void **state)
{
    (void)state;
    expect_refusal(become_newer, 1, "has libhakmem 9.8.7, whose structures are of version 2; this hakmem-tune");
    expect_refusal(know_less, 0, "whose structures are of version 1; this hakmem-tune");
    expect_refusal(be_senseless, 99, "its root cannot be read");
    expect_refusal(not_start, 0, "which has not started");
}

/* --- spoilt memory ------------------------------------------------------------------------------------------------ */

static void *some_blocks[3000];

static void fill_heap(void)
{
    for (int i = 0; i < 3000; i++)
        some_blocks[i] = hak_malloc((size_t)i * 31 % 40000 + 1);
    for (int i = 0; i < 3000; i += 3)
        hak_free(some_blocks[i]);
}

static void scribble(void *at, size_t bytes, uint32_t *seed)
{
    for (size_t i = 0; i < bytes / 16 + 1; i++) {
        size_t place = random_next(seed) % bytes;
        ((volatile unsigned char *)at)[place] = (unsigned char)random_next(seed);
    }
}

/* Spoils what a reader follows: links, ranges, sets, descriptors, entries, counts. */
static void spoil(uint32_t seed)
{
    seed = seed * 2654435761u + 1;
    fill_heap();
    struct page_map_window *window = page_map_window();
    struct heap *heap = registry_made;
    struct superslab *superslab =
        (struct superslab *)((char *)superslab_census.first - offsetof(struct superslab, census));
    void *descriptor = page_map_descriptor(some_blocks[1]);
    size_t page = page_map_window_page(window, some_blocks[1]);
    switch (seed >> 8 & 7) {
    case 0:
        scribble(superslab, sizeof *superslab, &seed);
        break;
    case 1:
        scribble((void *)&page_map_window_entries(window)[page], 4096, &seed);
        scribble((void *)&window->descriptor[page], 4096, &seed);
        break;
    case 2:
        scribble(descriptor, sizeof(struct slab), &seed);
        break;
    case 3:
        scribble(thread_cache_of_heap(heap), sizeof(struct thread_cache), &seed);
        break;
    case 4:
        scribble(size_classes, sizeof size_classes, &seed);
        break;
    case 5:
        scribble(&pool, sizeof pool, &seed);
        scribble(window, sizeof *window, &seed);
        break;
    case 6: /* lists that run in a circle */
        heap->next_made = heap;
        superslab->census.next = &superslab->census;
        break;
    default:
        scribble(superslab, sizeof *superslab, &seed);
        scribble(descriptor, sizeof(struct slab), &seed);
        scribble(thread_cache_of_heap(heap), sizeof(struct thread_cache), &seed);
        scribble((void *)&page_map_window_entries(window)[page], 4096, &seed);
    }
}

#define SPOILT 80

static void spoilt_memory_is_read_to_an_end(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < SPOILT; seed++) {
        pid_t child = start_child(spoil, seed);
        if (target_open(&target, child, message, sizeof message)) {
            look_take(&look, &target, message, sizeof message);
            look_take(&look, &target, message, sizeof message);
            for (size_t i = 0; i < look.now.superslab_count; i++)
                assert_true(look.now.superslabs[i].pages <= PAGE_HEAP_PAGES_MOST);
            close_all(NULL);
        }
        end_child(child);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(known_blocks_are_counted, open_own, close_all),
        cmocka_unit_test_setup_teardown(large_blocks_are_found, open_own, close_all),
        cmocka_unit_test_setup_teardown(all_sizes_at_random, open_own, close_all),
        cmocka_unit_test_setup_teardown(the_heap_profile_hides_nothing, open_own, close_all),
        cmocka_unit_test_setup_teardown(threads_have_names, open_own, close_all),
        cmocka_unit_test_setup_teardown(blocks_on_their_way_back, open_own, close_all),
        cmocka_unit_test_setup_teardown(rates_are_those_between_two_looks, open_own, close_all),
        cmocka_unit_test_setup_teardown(by_file, open_own, close_all),
        cmocka_unit_test_teardown(a_process_ends, close_all),
        cmocka_unit_test_teardown(a_process_executes_another_program, close_all),
        cmocka_unit_test(other_versions),
        cmocka_unit_test(spoilt_memory_is_read_to_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
