/* SPDX-License-Identifier: GPL-3.0-or-later */
/* workload.c: see workload.h. */
#include "config.h"

#include "cli/trial/workload.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BENCH_NAME "hakmem-bench"

static bool is_executable(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 && S_ISREG(file.st_mode) && access(path, X_OK) == 0;
}

/* A malloc'd DIRECTORY/BELOW/hakmem-bench if it can be executed, else NULL. */
static char *bench_in(const char *directory, const char *below)
{
    char *path;
    if (asprintf(&path, "%s/%s" BENCH_NAME, directory, below) < 0)
        return NULL;
    if (is_executable(path))
        return path;
    free(path);
    return NULL;
}

/* Beside this program; for one that was not installed, also where the build puts programs. Libtool's .libs/ comes
 * before the folder above it, which holds a shell script of that name: the library is to be preloaded into the workload
 * alone. */
static char *bench_beside_program(void)
{
    static const char *const below[] = {"", ".libs/", "bench/.libs/", "bench/", "../", "../bench/.libs/", "../bench/"};
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0)
        return NULL;
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    char *found = NULL;
    for (size_t i = 0; i < sizeof below / sizeof below[0] && !found; i++)
        found = bench_in(program, below[i]);
    return found;
}

static char *bench_in_path(void)
{
    const char *path = getenv("PATH");
    char *directories = strdup(path ? path : "");
    char *found = NULL, *rest = directories;
    for (char *directory = strsep(&rest, ":"); directory && !found; directory = strsep(&rest, ":"))
        if (*directory)
            found = bench_in(directory, "");
    free(directories);
    return found;
}

char *workload_find_bench(void)
{
    const char *named = getenv("HAKMEM_BENCH");
    char *found;
    if (named && *named)
        found = is_executable(named) ? strdup(named) : NULL;
    else if (!(found = bench_beside_program()))
        found = bench_in_path();
    if (!found)
        errno = ENOENT;
    return found;
}

/* Appends an option with a number to the words, unless it is 0, which stands for the workload's own default. */
static size_t add_number(struct workload *workload, size_t words, size_t slot, const char *option, uint64_t number)
{
    if (number == 0)
        return words;
    snprintf(workload->numbers[slot], sizeof workload->numbers[slot], "%" PRIu64, number);
    workload->words[words] = (char *)option;
    workload->words[words + 1] = workload->numbers[slot];
    return words + 2;
}

int workload_init(struct workload *workload, const struct trial_work *work, uint64_t seed)
{
    memset(workload, 0, sizeof *workload);
    if (!work->workload) {
        workload->argv = work->command;
        errno = EINVAL;
        return work->command && work->command[0] ? 0 : -1;
    }
    workload->bench = workload_find_bench();
    if (!workload->bench)
        return -1;
    workload->words[0] = workload->bench;
    workload->words[1] = (char *)work->workload;
    size_t words = 2;
    words = add_number(workload, words, 0, "--ops", work->operations);
    if (work->operations == 0 && work->share > 0) {
        snprintf(workload->numbers[3], sizeof workload->numbers[3], "%.9g", work->share);
        workload->words[words++] = (char *)"--share";
        workload->words[words++] = workload->numbers[3];
    }
    words = add_number(workload, words, 1, "--threads", work->threads);
    add_number(workload, words, 2, "--seed", seed);
    workload->argv = workload->words;
    return 0;
}

void workload_release(struct workload *workload)
{
    free(workload->bench);
    memset(workload, 0, sizeof *workload);
}
