/* SPDX-License-Identifier: MIT */
/* The allocator in a program that forbids itself system calls after its start. The filter is the kernel's own
 * (seccomp), and ends the program at the first call that is not allowed; the C library makes some of its own where
 * threads end and where the program forks.
 *
 * sandbox NAME...: those system calls alone are allowed, for all threads, and everything is done that an allocator can
 * be asked for.
 *
 * sandbox --refuse NAME ERROR: that one alone is answered with an error number. */
#if !__has_include(<linux/filter.h>)
#include "tests/harness/tap.h"

int main(void)
{
    tap_skip("the compiler has no headers of the kernel's");
    return tap_done();
}
#else
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define MOST_ALLOWED 64

static const struct {
    const char *name;
    unsigned number;
} known[] = {{"futex", SYS_futex},   {"madvise", SYS_madvise}, {"mmap", SYS_mmap},   {"mprotect", SYS_mprotect},
             {"mremap", SYS_mremap}, {"munmap", SYS_munmap},   {"write", SYS_write}, {"exit_group", SYS_exit_group}};

/* Of the C library: a thread's end, a fork and its child's end. */
static const unsigned of_c_library[] = {
    SYS_exit,   SYS_rt_sigprocmask, SYS_set_robust_list, SYS_clone, SYS_wait4, SYS_gettid,
#ifdef SYS_rseq
    SYS_rseq,
#endif
#ifdef SYS_clone3
    SYS_clone3,
#endif
};

/* --- the filter --------------------------------------------------------------------------------------------------- */

static struct sock_filter statement(unsigned code, unsigned value)
{
    return (struct sock_filter){(unsigned short)code, 0, 0, value};
}

/* Goes on with the statement after the next where the system call is NUMBER, and with the one after that if not. */
static struct sock_filter skip_next_unless(unsigned number)
{
    return (struct sock_filter){BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number};
}

/* NUMBERS get ANSWER, all others OTHERWISE. */
static bool install(const unsigned *numbers, size_t count, unsigned answer, unsigned otherwise)
{
    static struct sock_filter code[2 * MOST_ALLOWED + 2];
    unsigned short length = 0;
    code[length++] = statement(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < count; i++) {
        code[length++] = skip_next_unless(numbers[i]);
        code[length++] = statement(BPF_RET | BPF_K, answer);
    }
    code[length++] = statement(BPF_RET | BPF_K, otherwise);
    struct sock_fprog program = {length, code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

static unsigned number_of(const char *name)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].number;
    tap_note("no system call %s is known here", name);
    _exit(99);
}

/* --- the work: false where something is refused or changed -------------------------------------------------------- */

static bool small_blocks(void)
{
    enum { BLOCKS = 40000 }; /* some 20 MiB: a large heap */
    static unsigned char *block[BLOCKS];
    bool good = true;
    for (size_t i = 0; i < BLOCKS; i++) {
        size_t size = 1 + i * 7919 % (i % 100 == 0 ? 30000 : 1000);
        block[i] = i % 3 == 0 ? calloc(1, size) : malloc(size);
        good = good && block[i] != NULL && (i % 3 != 0 || block[i][size - 1] == 0);
        memset(block[i], (int)i, size);
    }
    for (size_t i = 0; i < BLOCKS; i += 2)
        block[i] = realloc(block[i], 2000);
    for (size_t i = 0; i < BLOCKS; i++)
        free(block[i]);
    return good;
}

/* From 70 KB to 100 MB: runs of pages, areas, mappings, aligned and cleared ones. */
static bool large_blocks(void)
{
    bool good = true;
    for (size_t size = 70 * KIB; size < 100 * MIB; size = 2 * size + 1) {
        unsigned char *one = malloc(size), *two = calloc(1, size);
        void *three = NULL;
        good = good && one != NULL && two != NULL && posix_memalign(&three, MIB, size) == 0 && two[size - 1] == 0;
        one[0] = one[size - 1] = 1;
        free(one);
        free(two);
        free(three);
    }
    return good;
}

static bool growing_block(void)
{
    unsigned char *block = NULL;
    for (size_t size = 1000; size < 80 * MIB; size = size * 3 / 2) {
        block = realloc(block, size);
        if (block == NULL)
            return false;
        block[size - 1] = block[size / 2] = 1;
    }
    block = realloc(block, 40 * MIB);
    block = realloc(block, 100);
    free(block);
    return block != NULL;
}

static bool everything(void)
{
    bool good = true;
    for (int round = 0; round < 2; round++) {
        good = small_blocks() && large_blocks() && growing_block() && good;
        under_test.trim(0);
    }
    return good;
}

/* --- threads that start before the filter ------------------------------------------------------------------------- */

enum { THREADS = 4 };
static pthread_barrier_t started, filtered;

/* Every second one allocates for the first time when the filter is there. */
static void *thread_work(void *number)
{
    static _Thread_local void *block[1000];
    bool good = true;
    if ((size_t)number % 2 == 0)
        free(malloc(100));
    pthread_barrier_wait(&started);
    pthread_barrier_wait(&filtered);
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < 1000; i++)
            good = (block[i] = malloc(i * 70 + 1)) != NULL && good;
        for (size_t i = 0; i < 1000; i++)
            free(block[i]);
    }
    return good ? number : NULL;
}

static bool start_threads(pthread_t *thread)
{
    pthread_barrier_init(&started, NULL, THREADS + 1);
    pthread_barrier_init(&filtered, NULL, THREADS + 1);
    for (size_t i = 0; i < THREADS; i++)
        if (pthread_create(&thread[i], NULL, thread_work, (void *)(i + 1)) != 0)
            return false;
    pthread_barrier_wait(&started);
    return true;
}

static bool end_threads(const pthread_t *thread)
{
    bool good = true;
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        good = pthread_join(thread[i], &result) == 0 && result != NULL && good;
    }
    return good;
}

static bool fork_one(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(everything() ? 0 : 1);
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* --- what is tested ----------------------------------------------------------------------------------------------- */

static void test_allowed(char **names, size_t count)
{
    unsigned numbers[MOST_ALLOWED];
    size_t more = sizeof of_c_library / sizeof *of_c_library;
    for (size_t i = 0; i < count; i++)
        numbers[i] = number_of(names[i]);
    memcpy(numbers + count, of_c_library, sizeof of_c_library);
    pthread_t thread[THREADS];
    free(malloc(1));
    bool good = start_threads(thread);
    if (!install(numbers, count + more, SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS)) {
        tap_skip("the kernel refuses a filter of system calls (errno %d)", errno);
        _exit(tap_done());
    }
    pthread_barrier_wait(&filtered);
    good = everything() && good;
    tap_ok(good, "blocks of all sizes are served, grow, and go back");
    tap_ok(end_threads(thread), "threads that started before allocate, some for the first time, and end");
    tap_ok(fork_one(), "a forked child allocates");
}

static void test_refused(const char *name, const char *error)
{
    unsigned number = number_of(name);
    if (!install(&number, 1, SECCOMP_RET_ERRNO | (unsigned)atoi(error), SECCOMP_RET_ALLOW)) {
        tap_skip("the kernel refuses a filter of system calls (errno %d)", errno);
        return;
    }
    tap_ok(everything(), "where %s answers with error %s blocks of all sizes are served all the same", name, error);
}

int main(int argc, char **argv)
{
    if (allocator_load("") != NULL)
        return 99;
    if (tap_in_emulator())
        tap_skip("the emulator makes system calls of its own");
    else if (argc == 4 && strcmp(argv[1], "--refuse") == 0)
        test_refused(argv[2], argv[3]);
    else
        test_allowed(argv + 1, (size_t)argc - 1);
    int status = tap_done();
    _exit(status); /* at exit the C library makes others */
}
#endif
