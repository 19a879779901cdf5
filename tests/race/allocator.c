/* SPDX-License-Identifier: MIT */
/* Which allocator a process has, and from when on that can be known: a traced child stands still before its loader has
 * mapped anything, as one does that a busy machine lets wait. */
#include "config.h"

#include "cli/race/allocator.h"

#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* More than any verdict needs, save one that waits for the process itself. */
#define LOOKS 20

#define NAP_MS 2
#define MOST_NAPS 5000

static const char *const no_settings[] = {NULL};
static char library[PATH_MAX];

/* The spinner with PRELOAD in its environment, standing where exec has just replaced the program. -1: nobody may be
 * traced here. */
static pid_t start_traced(const char *preload)
{
    char assignment[PATH_MAX + 32];
    snprintf(assignment, sizeof assignment, "LD_PRELOAD=%s", preload ? preload : "");
    char *const environment[] = {preload ? assignment : NULL, NULL};
    char *const words[] = {(char *)SPINNER, (char *)"spin", NULL};
    pid_t pid = fork();
    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(1);
        execve(SPINNER, words, environment);
        _exit(2);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP ? pid : -1;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) == pid)
        continue;
}

static const struct allocator_process *look(struct allocator_watch *watch, pid_t pid, const char *preload)
{
    struct process process;
    const struct launch launch = {preload, no_settings};
    assert_int_equal(process_read(pid, &process), 0);
    struct process_tree tree = {.list = &process, .count = 1};
    allocator_watch_look(watch, &tree, &launch);
    return allocator_watch_main(watch);
}

/* Whether PID has a file mapped whose name has PART. */
static bool has_mapped(pid_t pid, const char *part)
{
    char path[64], line[PATH_MAX + 128];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (!found && fgets(line, sizeof line, file))
        found = strstr(line, part) != NULL;
    fclose(file);
    return found;
}

static void wait_for_mapping(pid_t pid, const char *part)
{
    for (int i = 0; i < MOST_NAPS && !has_mapped(pid, part); i++)
        nanosleep(&(struct timespec){0, NAP_MS * 1000000L}, NULL);
    assert_true(has_mapped(pid, part));
}

static pid_t start_or_skip(const char *preload)
{
    if (!realpath(LIBRARY, library)) {
        print_message("skipped: there is no shared library in this build\n");
        skip();
    }
    pid_t pid = start_traced(preload);
    if (pid < 0) {
        print_message("skipped: no process may be traced here (ptrace)\n");
        skip();
    }
    return pid;
}

static void nothing_is_said_before_the_loader_has_come_to_the_library(void **state)
{
    (void)state;
    struct allocator_watch watch = {0};
    pid_t pid = start_or_skip(LIBRARY);
    for (int i = 0; i < LOOKS; i++)
        assert_null(look(&watch, pid, library));
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
    wait_for_mapping(pid, strrchr(library, '/'));
    const struct allocator_process *process = look(&watch, pid, library);
    assert_non_null(process);
    assert_int_equal(process->verdict, ALLOCATOR_EXPECTED);
    end(pid);
    allocator_watch_release(&watch);
}

static void a_cleared_variable_is_seen_once_the_c_library_is_there(void **state)
{
    (void)state;
    struct allocator_watch watch = {0};
    pid_t pid = start_or_skip(NULL);
    for (int i = 0; i < LOOKS; i++)
        assert_null(look(&watch, pid, library));
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
    const struct allocator_process *process = NULL;
    for (int i = 0; i < MOST_NAPS && !process; i++) {
        nanosleep(&(struct timespec){0, NAP_MS * 1000000L}, NULL);
        process = look(&watch, pid, library);
    }
    assert_non_null(process);
    assert_int_equal(process->verdict, ALLOCATOR_OTHER);
    assert_int_equal(process->reason, ALLOCATOR_CLEARED);
    end(pid);
    allocator_watch_release(&watch);
}

/* Where nothing is preloaded, what the program is linked with comes later as well: here, a library that its user
 * preloads. */
static void another_malloc_may_come_after_the_first_look(void **state)
{
    (void)state;
    struct allocator_watch watch = {0};
    pid_t pid = start_or_skip(LIBRARY);
    look(&watch, pid, NULL);
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
    wait_for_mapping(pid, strrchr(library, '/'));
    const struct allocator_process *process = look(&watch, pid, NULL);
    assert_non_null(process);
    assert_int_equal(process->verdict, ALLOCATOR_OTHER);
    end(pid);
    allocator_watch_release(&watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_said_before_the_loader_has_come_to_the_library),
        cmocka_unit_test(a_cleared_variable_is_seen_once_the_c_library_is_there),
        cmocka_unit_test(another_malloc_may_come_after_the_first_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
