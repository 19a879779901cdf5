/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See expression.h. */
#include "config.h"

#include "cli/metric/expression.h"

#include <errno.h>
#include <regex.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_BYTES ((rlim_t)256 << 20)
#define MOST_SECONDS 1

/* Addresses of this program, in bytes; 0 where the kernel does not tell. */
static rlim_t own_bytes(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void lower(int resource, rlim_t most)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0 || limit.rlim_cur <= most)
        return;
    limit.rlim_cur = most;
    setrlimit(resource, &limit);
}

/* The child. Its status is regcomp's, or it is killed. */
static _Noreturn void try_to_compile(const char *text)
{
    rlim_t own = own_bytes();
    if (own > 0)
        lower(RLIMIT_AS, own + MOST_BYTES);
    signal(SIGXCPU, SIG_DFL);
    lower(RLIMIT_CORE, 0);
    lower(RLIMIT_CPU, MOST_SECONDS);
    regex_t expression;
    _exit(regcomp(&expression, text, REG_EXTENDED));
}

/* Whether a child compiles TEXT within the limits, or finds it wrong. */
static bool is_within_limits(const char *text)
{
    pid_t child = fork();
    if (child == 0)
        try_to_compile(text);
    int status;
    while (child > 0 && waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) != REG_ESPACE;
}

int expression_check(const char *text, size_t *groups, char why[EXPRESSION_WHY])
{
    if (!is_within_limits(text)) {
        snprintf(why, EXPRESSION_WHY, "to compile it takes more than " EXPRESSION_LIMIT);
        return -1;
    }
    regex_t expression;
    int error = regcomp(&expression, text, REG_EXTENDED);
    if (error) {
        regerror(error, &expression, why, EXPRESSION_WHY);
        return -1;
    }
    if (groups)
        *groups = expression.re_nsub;
    regfree(&expression);
    return 0;
}
