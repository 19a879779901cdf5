/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See bench.h. */
#include "config.h"

#include "cli/locate/bench.h"

#include "cli/locate/program.h"
#include "cli/output/memory.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BENCH_NAME "hakmem-bench"

/* Beside this program; for one that was not installed, also where the build puts programs. Libtool's .libs/ comes
 * before the folder above it, which holds a shell script of that name: the library is to be preloaded into the workload
 * alone. */
static char *bench_beside_program(void)
{
    static const char *const below[] = {"", ".libs/", "bench/.libs/", "bench/", "../", "../bench/.libs/", "../bench/"};
    return program_find_beside(BENCH_NAME, below, sizeof below / sizeof *below, program_is_executable);
}

char *bench_find(void)
{
    const char *named = getenv("HAKMEM_BENCH");
    char *found;
    if (named && *named)
        found = program_is_executable(named) ? must_have(strdup(named)) : NULL;
    else if (!(found = bench_beside_program()))
        found = program_find(BENCH_NAME);
    if (!found)
        errno = ENOENT;
    return found;
}

/* Runs hakmem-bench with ARGV (whose first word is filled in here). ERRORS: where its stderr goes, or -1 to leave it.
 * Returns its exit status, or -1 with errno. */
static int run_bench(const char **argv, int errors)
{
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status, failure;
    char *bench = bench_find();
    if (!bench)
        return -1;
    argv[0] = bench;
    posix_spawn_file_actions_init(&actions);
    if (errors >= 0)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    fflush(stdout);
    failure = posix_spawn(&child, bench, &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    free(bench);
    if (failure) {
        errno = failure;
        return -1;
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void explain_absence(char *message, size_t size)
{
    if (errno == ENOENT)
        snprintf(message, size, "cannot find hakmem-bench (beside hakmem-tune, in PATH, or as HAKMEM_BENCH says)");
    else
        snprintf(message, size, "cannot run hakmem-bench: %s", strerror(errno));
}

bool bench_list(bool json, char *message, size_t size)
{
    const char *argv[] = {NULL, "--list", "--format", json ? "json" : "text", NULL};
    int status = run_bench(argv, -1);
    if (status == 128 + SIGPIPE) /* whoever reads the list has seen enough */
        return true;
    if (status < 0)
        explain_absence(message, size);
    else if (status > 0)
        snprintf(message, size, "hakmem-bench --list ended with status %d", status);
    return status == 0;
}

/* The first line that was written to FILE, without hakmem-bench's name in front of it. */
static bool read_complaint(FILE *file, char *message, size_t size)
{
    static const char name[] = "hakmem-bench: ";
    rewind(file);
    if (!fgets(message, (int)size, file))
        return false;
    message[strcspn(message, "\n")] = '\0';
    if (strncmp(message, name, sizeof name - 1) == 0)
        memmove(message, message + sizeof name - 1, strlen(message) - (sizeof name - 1) + 1);
    return message[0] != '\0';
}

bool bench_takes(const char *workload, unsigned threads, char *message, size_t size)
{
    char number[16];
    const char *argv[] = {NULL,   "--ops",     "1",    "--warmup", "0",      "--format",
                          "none", "--threads", number, "--",       workload, NULL};
    snprintf(number, sizeof number, "%u", threads);
    if (threads == 0) {
        argv[7] = "--";
        argv[8] = workload;
        argv[9] = NULL;
    }
    FILE *errors = tmpfile();
    if (!errors) {
        snprintf(message, size, "cannot make a temporary file: %s", strerror(errno));
        return false;
    }
    int status = run_bench(argv, fileno(errors));
    if (status < 0)
        explain_absence(message, size);
    else if (status > 0 && !read_complaint(errors, message, size))
        snprintf(message, size, "workload %s: hakmem-bench ended with status %d", workload, status);
    fclose(errors);
    return status == 0;
}
