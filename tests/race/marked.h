/* SPDX-License-Identifier: MIT */
/* Races with real processes: tests/race/spinner as the workload, in all its moods, and that nothing is left behind.
 * Everything that a race starts carries a mark in its environment, by which it is looked for in /proc afterwards. */
#ifndef TESTS_RACE_MARKED_H
#define TESTS_RACE_MARKED_H

#include "cli/race/race.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MARK "HAK_TRIAL_TEST_MARK"
#define LONG_OPS 1000000 /* about half a second */
#define PLENTY 100000000 /* more than any race here waits for */

static char mark[64];
static char *const spinner_command[] = {(char *)SPINNER, (char *)"spin", NULL};
static const struct workload spin_workload = {.workload = "spin"};
static const struct workload spin_command = {.command = spinner_command};

/* A contender that behaves as MOOD says (see spinner.c). */
#define CONTENDER(mood)                                            \
    {                                                              \
        .label = mood, .launch.environment = (const char *const[]) \
        {                                                          \
            "HAKMEM_PROFILE=/moods/" mood, NULL                    \
        }                                                          \
    }

/* Processes (other than this one) that carry the mark, zombies excepted: those have no environment any more. */
static inline int marked_processes(void)
{
    DIR *directory = opendir("/proc");
    assert_non_null(directory);
    int found = 0;
    struct dirent *entry;
    while ((entry = readdir(directory))) {
        static char environment[1 << 16];
        char path[300];
        pid_t pid = (pid_t)atoi(entry->d_name);
        snprintf(path, sizeof path, "/proc/%s/environ", entry->d_name);
        int fd = pid > 0 && pid != getpid() ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        if (fd < 0)
            continue;
        ssize_t length = read(fd, environment, sizeof environment);
        close(fd);
        if (length > 0 && memmem(environment, (size_t)length, mark, strlen(mark)))
            found++;
    }
    closedir(directory);
    return found;
}

/* Nothing is left: no process with the mark, and no child, dead or alive. */
static inline void assert_nothing_left(void)
{
    assert_int_equal(marked_processes(), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static inline void assert_ok(const struct race_result *result)
{
    assert_string_equal(result->message, "");
    assert_int_equal(result->status, RACE_OK);
    assert_true(result->sample.value[METRIC_TIME] > 0);
    assert_true(result->blocks >= 1);
    for (size_t i = 0; i < result->blocks; i++)
        assert_true(result->block_s[i] > 0);
}

/* Before the first race. */
static inline void mark_processes(void)
{
    snprintf(mark, sizeof mark, "%d-%ld", (int)getpid(), (long)time(NULL));
    setenv(MARK, mark, 1);
    setenv("HAKMEM_BENCH", SPINNER, 1);
}

#endif
