/* SPDX-License-Identifier: MIT */
/* Runs a piece of a test in a forked child, for what ends the program or changes its limits, and keeps what it wrote to
 * standard error. */
#ifndef TESTS_BASE_CHILD_H
#define TESTS_BASE_CHILD_H

#include "lib/base/report.h"
#include "tests/profile/cmocka_all.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct child_end {
    int status;         /* of waitpid */
    char output[16384]; /* its standard error */
};

/* In a child: ends it with a line that says what did not hold. */
#define CHILD_CHECK(condition)                                                                   \
    do {                                                                                         \
        if (!(condition)) {                                                                      \
            dprintf(STDERR_FILENO, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            _exit(1);                                                                            \
        }                                                                                        \
    } while (0)

/* What a child ends with that cannot test here what it should; the line that it wrote says why. */
#define CHILD_SKIPPED 77

/* A child that hangs is ended after so many seconds, far beyond what any of them takes. */
#define CHILD_SECONDS 60

static inline struct child_end child_run(void (*body)(void))
{
    struct child_end end = {0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(SIGABRT, SIG_DFL); /* cmocka's handler would go on with the next test, in the child */
        signal(SIGSEGV, SIG_DFL);
        alarm(CHILD_SECONDS);
        dup2(ends[1], STDERR_FILENO);
        report_start(); /* or it would write nothing there */
        body();
        _exit(0);
    }
    close(ends[1]);
    size_t length = 0;
    for (ssize_t step; (step = read(ends[0], end.output + length, sizeof end.output - 1 - length)) > 0;)
        length += (size_t)step;
    close(ends[0]);
    char *emulator = strstr(end.output, "qemu: uncaught target signal"); /* its own last line */
    if (emulator != NULL)
        *emulator = '\0';
    assert_int_equal(waitpid(child, &end.status, 0), child);
    return end;
}

static inline void assert_child_passes(void (*body)(void))
{
    struct child_end end = child_run(body);
    if (WIFEXITED(end.status) && WEXITSTATUS(end.status) == CHILD_SKIPPED) {
        print_message("skipped: %s", end.output);
        skip();
    }
    if (!WIFEXITED(end.status) || WEXITSTATUS(end.status) != 0)
        fail_msg("the child ended with status %#x: %s", (unsigned)end.status, end.output);
}

/* Whether TEXT is one line, and below it the frames of a stack. */
static inline bool is_one_report(const char *text)
{
    const char *end = strchr(text, '\n');
    while (end != NULL && strncmp(end + 1, "    #", 5) == 0)
        end = strchr(end + 1, '\n');
    return end != NULL && end[1] == '\0';
}

/* The child ends by SIGABRT after one line that holds MESSAGE, and the stack of the call where it was misuse. */
static inline void assert_child_aborts(void (*body)(void), const char *message)
{
    struct child_end end = child_run(body);
    if (!WIFSIGNALED(end.status) || WTERMSIG(end.status) != SIGABRT)
        fail_msg("the child ended with status %#x: %s", (unsigned)end.status, end.output);
    assert_non_null(strstr(end.output, message));
    assert_true(is_one_report(end.output));
}

/* Bytes of the address space that are mapped now, as the kernel counts them for the limit. */
static inline size_t address_space_bytes(void)
{
    char text[4096] = ""; /* the line is among the first 20 */
    int file = open("/proc/self/status", O_RDONLY);
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    const char *line = length > 0 ? strstr(text, "VmSize:") : NULL;
    return line != NULL ? strtoul(line + strlen("VmSize:"), NULL, 10) << 10 : 0;
}

/* Limits a child's address space to what is mapped now and BYTES more; the hard limit stays, so that it can be raised
 * again. Ends the child as skipped where nobody heeds the limit. */
static inline void limit_address_space(size_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = address_space_bytes() + bytes;
    setrlimit(RLIMIT_AS, &limit);
    if (mmap(NULL, 2 * bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED) {
        dprintf(STDERR_FILENO, "the address space cannot be limited here (in an emulator?)\n");
        _exit(CHILD_SKIPPED);
    }
}

static inline void lift_address_space(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_AS, &limit);
}

/* xorshift32: the same sequence at every run. */
static inline uint32_t random_next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Skips the case where an emulator runs the program (TEST_RUNNER), which does not do what WHY says. */
static inline void skip_if_emulated(const char *why)
{
    const char *runner = getenv("TEST_RUNNER");
    if (runner == NULL || *runner == '\0')
        return;
    print_message("skipped: %s\n", why);
    skip();
}

/* For tests of what an emulator says that it did, and did not: MADV_POPULATE_WRITE and MADV_COLLAPSE, advice for memory
 * that is not there. */
static inline void skip_in_emulator(void)
{
    skip_if_emulated("an emulator passes not every madvise on");
}

#endif
