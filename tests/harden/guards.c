/* SPDX-License-Identifier: MIT */
/* Guard pages, at the byte: what may be used of a block, and where the first byte lies that may not be touched. Each
 * wrong access is made in a forked child.
 *
 *   guards             all of that
 *   guards threads     of it what has threads
 *   guards refusals    a program that has used up the mappings that the kernel gives it goes on
 *
 * Run under profiles with security.guard_pages. */
#include "tests/harness/tap.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* Not in every C library's <malloc.h>; the library has it. */
extern int malloc_trim(size_t pad) __attribute__((weak));

/* The compiler would warn of misuse, or take it out. */
static void *(*volatile allocate)(size_t) = malloc;
static void *(*volatile allocate_zeroed)(size_t, size_t) = calloc;
static void *(*volatile allocate_aligned)(size_t, size_t) = aligned_alloc;
static void *(*volatile resize)(void *, size_t) = realloc;
static void (*volatile release)(void *) = free;
static size_t (*volatile usable)(void *) = malloc_usable_size;

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

static size_t page_bytes;

static size_t up(size_t value, size_t power_of_two)
{
    return (value + power_of_two - 1) & ~(power_of_two - 1);
}

/* The signal that ends a child which does that to BLOCK; 0: none. */
static int ended_by(void (*body)(char *), char *block)
{
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(2);
        body(block);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void write_byte(char *address)
{
    *(volatile char *)address ^= 1;
}

static void read_byte(char *address)
{
    char byte = *(volatile char *)address;
    (void)byte;
}

/* Whether nobody may touch the byte at ADDRESS. */
static bool is_closed(char *address)
{
    return ended_by(write_byte, address) == SIGSEGV && ended_by(read_byte, address) == SIGSEGV;
}

static bool holds(const char *block, char byte, size_t size)
{
    return size == 0 || (block[0] == byte && memcmp(block, block + 1, size - 1) == 0);
}

/* --- large blocks ------------------------------------------------------------------------------------------------- */

/* The block may be used to its last byte, and no further than the alignment makes it. */
static bool ends_at_guard(char *block, size_t size, size_t alignment)
{
    size_t length = up(size, alignment < page_bytes ? alignment : page_bytes);
    memset(block, 'a', size);
    return usable(block) == size && is_closed(block + length) && is_closed(block + length + page_bytes - 1) &&
           is_closed((char *)((uintptr_t)block & ~(page_bytes - 1)) - 1) && holds(block, 'a', size);
}

static const size_t sizes[] = {65 * KIB, 70000, 100001, 128 * KIB, 256 * KIB, MIB + 5, 5 * MIB, 40 * MIB};
#define SIZES (sizeof sizes / sizeof sizes[0])

static void check_large(void)
{
    for (size_t i = 0; i < SIZES; i++) {
        char *block = allocate(sizes[i]), *zeros = allocate_zeroed(1, sizes[i]);
        bool cleared = holds(zeros, 0, sizes[i]);
        tap_ok(cleared && ends_at_guard(block, sizes[i], 16) && ends_at_guard(zeros, sizes[i], 16),
               "a block of %zu bytes ends at inaccessible memory, and begins behind some", sizes[i]);
        release(block);
        release(zeros);
    }
}

static void check_aligned(void)
{
    for (size_t alignment = 32; alignment <= 4 * MIB; alignment *= 2) {
        size_t size = 200001 + alignment / 2;
        char *block = allocate_aligned(alignment, size);
        tap_ok((uintptr_t)block % alignment == 0 && ends_at_guard(block, size, alignment),
               "one at a multiple of %zu as well", alignment);
        release(block);
    }
}

/* Where the end is no multiple of 16. */
#define ODD (100 * KIB + 1)

static void write_behind_and_free(char *block)
{
    block[ODD] = '\0';
    release(block);
}

static void write_behind_and_resize(char *block)
{
    block[ODD + 14] = 'x';
    release(resize(block, 3 * ODD));
}

static void write_behind_and_ask(char *block)
{
    block[ODD + 3] = 'x';
    usable(block);
}

static void just_free(char *block)
{
    release(block);
}

static void write_before_and_free(char *block)
{
    block[-1] ^= 1;
    release(block);
}

static void write_first_in_page_and_free(char *block)
{
    *(char *)((uintptr_t)block & ~(page_bytes - 1)) ^= 1;
    release(block);
}

static void check_patterns(void)
{
    char *block = allocate(ODD);
    tap_ok(ended_by(write_behind_and_free, block) == SIGABRT, "a write behind the end is noticed by free");
    tap_ok(ended_by(write_behind_and_resize, block) == SIGABRT, "... by realloc");
    tap_ok(ended_by(write_behind_and_ask, block) == SIGABRT, "... by malloc_usable_size");
    tap_ok(ended_by(write_before_and_free, block) == SIGABRT, "a write before the start is noticed by free");
    tap_ok(ended_by(write_first_in_page_and_free, block) == SIGABRT, "... and be it at the first byte of the page");
    tap_ok(ended_by(just_free, block) == 0, "what was not written to is freed");
    release(block);
}

static size_t resized_bytes; /* of the block whose end is tried */

static void write_behind_resized(char *block)
{
    block[resized_bytes] = 'x';
    release(block);
}

/* Inaccessible, or noticed by free. */
static bool is_guarded(char *block, size_t size)
{
    resized_bytes = size;
    int end = ended_by(write_behind_resized, block);
    return usable(block) == size && (end == SIGSEGV || end == SIGABRT) &&
           is_closed(block + up(size, page_bytes) + page_bytes);
}

static void check_realloc(void)
{
    static const size_t steps[] = {300 * KIB, 300 * KIB + 7,       301 * KIB,   200 * KIB, 90001,
                                   3 * MIB,   3 * MIB + 100 * KIB, 9 * MIB,     70 * MIB,  71 * MIB,
                                   2 * MIB,   2 * MIB - 1,         66 * KIB + 1};
    size_t before = 100 * KIB;
    char *block = allocate(before);
    memset(block, 'b', before);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        block = resize(block, steps[i]);
        bool kept = holds(block, 'b', before < steps[i] ? before : steps[i]);
        memset(block, 'b', steps[i]);
        tap_ok(kept && is_guarded(block, steps[i]), "realloc from %zu to %zu bytes keeps what is there, and its guards",
               before, steps[i]);
        before = steps[i];
    }
    block = resize(block, 1000);
    tap_ok(holds(block, 'b', 1000), "... and to a small block");
    release(block);
}

static void check_growth(void)
{
    size_t size = MIB;
    char *block = allocate(size);
    memset(block, 'c', size);
    bool good = true;
    for (; size < 40 * MIB; size += 100001) {
        block = resize(block, size + 100001);
        good = good && usable(block) == size + 100001;
        memset(block + size, 'c', 100001);
    }
    tap_ok(good && holds(block, 'c', size), "a block that grows step by step keeps what is there");
    release(block);
}

/* --- slabs -------------------------------------------------------------------------------------------------------- */

#define SLAB_MOST MIB

/* From a block on no way leads through more than one slab. */
static bool is_between_guards(char *block)
{
    char *page = (char *)((uintptr_t)block & ~(page_bytes - 1));
    for (size_t offset = 0; offset <= SLAB_MOST; offset += page_bytes)
        if (ended_by(read_byte, page + offset) == SIGSEGV)
            return true;
    return false;
}

static void check_slabs(void)
{
    if (page_bytes > 16 * KIB) {
        tap_ok(true, "guard pages between slabs # SKIP the kernel's pages are as long as slabs");
        return;
    }
    for (size_t size = 16; size <= 64 * KIB; size *= 4) {
        enum { BLOCKS = 200 };
        char *blocks[BLOCKS];
        for (size_t i = 0; i < BLOCKS; i++)
            memset(blocks[i] = allocate(size), 'd', size);
        bool good = true;
        for (size_t i = 0; i < BLOCKS; i += 67)
            good = good && is_between_guards(blocks[i]);
        tap_ok(good, "who reads on from a block of %zu bytes comes to inaccessible memory", size);
        for (size_t i = 0; i < BLOCKS; i++)
            release(blocks[i]);
    }
}

/* Slabs of other classes take the places of those that went. */
static void check_slabs_change(void)
{
    enum { BLOCKS = 3000 };
    static char *blocks[BLOCKS];
    bool good = true;
    for (size_t round = 0; round < 30; round++) {
        size_t size = (size_t)16 << round * 5 % 12;
        for (size_t i = 0; i < BLOCKS; i++)
            memset(blocks[i] = allocate(size), (int)round, size);
        for (size_t i = 0; i < BLOCKS; i++) {
            good = good && holds(blocks[i], (char)round, size);
            release(blocks[i]);
        }
        if (round % 4 == 0)
            if (malloc_trim != NULL)
                malloc_trim(0);
    }
    tap_ok(good, "slabs of other classes may use the pages of those that went");
}

/* --- blocks of no bytes ------------------------------------------------------------------------------------------- */

static void free_twice(char *block)
{
    release(block);
    release(block);
}

static void free_inside(char *block)
{
    release(block + 1);
}

static void resize_freed(char *block)
{
    release(block);
    resize(block, 10);
}

static void ask_freed(char *block)
{
    release(block);
    usable(block);
}

static void check_no_bytes(void)
{
    enum { BLOCKS = 1000 };
    static char *blocks[BLOCKS];
    bool good = true;
    for (size_t i = 0; i < BLOCKS; i++) {
        size_t alignment = (size_t)16 << i % 9;
        blocks[i] = i % 3 == 0 ? allocate(0) : i % 3 == 1 ? allocate_zeroed(i, 0) : allocate_aligned(alignment, 0);
        good = good && blocks[i] != NULL && usable(blocks[i]) == 0 &&
               (i % 3 != 2 || (uintptr_t)blocks[i] % alignment == 0);
        for (size_t j = 0; j < i; j++)
            good = good && blocks[i] != blocks[j];
    }
    tap_ok(good, "blocks of no bytes have addresses of their own, aligned as was asked, of which nothing is usable");
    tap_ok(is_closed(blocks[0]) && is_closed(blocks[1]) && is_closed(blocks[2]), "... and which nobody may touch");
    tap_ok(ended_by(free_twice, blocks[0]) == SIGABRT, "a double free of one ends the program");
    tap_ok(ended_by(free_inside, blocks[0]) == SIGABRT, "... and so does the free of an address behind it");
    tap_ok(ended_by(resize_freed, blocks[1]) == SIGABRT, "... and realloc of a freed one");
    tap_ok(ended_by(ask_freed, blocks[1]) == SIGABRT, "... and malloc_usable_size of it");
    char *grown = resize(blocks[3], 100);
    blocks[3] = allocate(0);
    memset(grown, 'e', 100);
    char *shrunk = resize(grown, 0);
    tap_ok(shrunk == NULL && resize(blocks[4], 0) == NULL,
           "realloc gives one bytes; and frees one where it gets no bytes");
    blocks[4] = resize(NULL, 0);
    tap_ok(is_closed(blocks[4]), "realloc of no block to no bytes gives one");
    for (size_t i = 0; i < BLOCKS; i++)
        release(blocks[i]);
}

/* More than there are addresses for. */
static void check_many_of_no_bytes(void)
{
    enum { BLOCKS = 1100000 };
    static char *blocks[BLOCKS];
    bool good = true;
    for (size_t i = 0; i < BLOCKS; i++)
        good = good && (blocks[i] = allocate(0)) != NULL;
    for (size_t i = 0; i < BLOCKS; i++)
        release(blocks[i]);
    char *block = allocate(0);
    tap_ok(good && is_closed(block), "of a million and more each can be had and freed");
    release(block);
}

/* --- all of it, elsewhere ----------------------------------------------------------------------------------------- */

/* Blocks come and go, change and are filled: without a report. */
static void *churn(void *seed)
{
    enum { BLOCKS = 64 };
    char *blocks[BLOCKS] = {0};
    size_t bytes[BLOCKS] = {0};
    uint64_t state = (uintptr_t)seed * 7919 + 1;
    bool good = true;
    for (unsigned step = 0; step < 4000; step++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        size_t i = state >> 58, size = (state >> 30) % (step % 8 == 0 ? 3 * MIB : step % 3 == 0 ? 200 * KIB : 2000);
        if (blocks[i] != NULL && step % 2 == 0) {
            release(blocks[i]);
            blocks[i] = NULL;
            continue;
        }
        size_t kept = blocks[i] == NULL ? 0 : bytes[i] < size ? bytes[i] : size;
        blocks[i] = resize(blocks[i], size + 1);
        bytes[i] = size + 1;
        good = good && holds(blocks[i], (char)i, kept);
        memset(blocks[i], (int)i, size + 1);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        release(blocks[i]);
    return good ? NULL : seed;
}

static void churn_and_try(char *block)
{
    if (churn(block) != NULL)
        _exit(1);
    char *large = allocate(ODD);
    write_byte(large + up(ODD, 16));
}

/* Few bytes at a great alignment, which are freed while another thread forks. */
static void *free_few_bytes(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < 3000; i++)
        release(allocate_aligned(256 * KIB, 1 + i % 16));
    return NULL;
}

static void check_few_bytes(void)
{
    pthread_t thread;
    bool good = true;
    pthread_create(&thread, NULL, free_few_bytes, NULL);
    for (unsigned i = 0; i < 100; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        int status = -1;
        waitpid(child, &status, 0);
        good = good && status == 0;
    }
    pthread_join(thread, NULL);
    tap_ok(good, "few bytes at a great alignment may be freed while another thread forks");
}

static void check_threads_and_fork(void)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    bool good = true, faulted = true;
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, churn, (void *)(uintptr_t)(i + 1));
    for (unsigned i = 0; i < 3; i++)
        faulted = ended_by(churn_and_try, (char *)(uintptr_t)(i + 10)) == SIGSEGV && faulted;
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        good = good && result == NULL;
    }
    tap_ok(good, "threads' blocks come and go, and hold what they should");
    tap_ok(faulted, "in children of fork as well, who have guards of their own");
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

/* Every second page of a long mapping is closed, until the kernel has no more mappings to give. A few stay. */
static bool use_up_mappings(void)
{
    enum { PAGES = 400000, LEFT = 8 };
    char *pages = mmap(NULL, PAGES * page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    size_t page = 1;
    while (page < PAGES && mprotect(pages + page * page_bytes, page_bytes, PROT_NONE) == 0)
        page += 2;
    for (size_t i = 1; i <= LEFT && page < PAGES; i++)
        mprotect(pages + (page - 2 * i) * page_bytes, page_bytes, PROT_READ);
    return page < PAGES;
}

/* Exit status: 0 if memory is handed out all the same, 77 if the kernel has mappings without end. */
static int live_without(void)
{
    enum { BLOCKS = 100 };
    static char *blocks[BLOCKS];
    release(allocate(100000));
    if (!use_up_mappings())
        return 77;
    unsigned had = 0;
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < BLOCKS; i++) {
            size_t size = i % 2 == 0 ? 100 : 66 * KIB + i;
            blocks[i] = allocate(size);
            had += blocks[i] != NULL;
            if (blocks[i] != NULL)
                memset(blocks[i], 'f', size);
        }
        for (size_t i = 0; i < BLOCKS; i++) {
            char *longer = blocks[i] != NULL ? resize(blocks[i], 70 * KIB) : NULL;
            release(longer != NULL ? longer : blocks[i]);
        }
    }
    return had > 0 ? 0 : 1;
}

int main(int count, char **argument)
{
    page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (count > 1 && strcmp(argument[1], "refusals") == 0)
        return live_without();
    if (count > 1 && strcmp(argument[1], "threads") == 0) {
        check_threads_and_fork();
        check_few_bytes();
        return tap_done();
    }
    check_large();
    check_aligned();
    check_patterns();
    check_realloc();
    check_growth();
    check_slabs();
    check_slabs_change();
    check_no_bytes();
    check_many_of_no_bytes();
    check_threads_and_fork();
    check_few_bytes();
    return tap_done();
}
