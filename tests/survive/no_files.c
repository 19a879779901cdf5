/* SPDX-License-Identifier: MIT */
/* A program that frees a block twice, and goes on.
 *
 *   no_files MODE   none: as it is; file: a filter of system calls (seccomp) ends it at any that finds a file;
 *                   prctl: that one is answered with an error as well
 *
 * Prints "went on". Exits with 77 where there are no filters. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if __has_include(<linux/seccomp.h>)
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define END_AT(number)                                  \
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (number)},        \
    {                                                   \
        BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS \
    }

static bool forbid_files(bool refuse_prctl)
{
    struct sock_filter code[] = {
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
#ifdef SYS_open
        END_AT(SYS_open),
        END_AT(SYS_readlink),
#endif
#ifdef SYS_openat2
        END_AT(SYS_openat2),
#endif
        END_AT(SYS_openat),
        END_AT(SYS_readlinkat),
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, refuse_prctl ? SYS_prctl : ~0U},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    };
    struct sock_fprog filter = {sizeof code / sizeof *code, code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}
#else
static bool forbid_files(bool refuse_prctl)
{
    (void)refuse_prctl;
    return false;
}
#endif

int main(int argc, char **argv)
{
    if (argc != 2)
        return 99;
    void *volatile block = malloc(100);
    if (strcmp(argv[1], "none") != 0 && !forbid_files(strcmp(argv[1], "prctl") == 0))
        return 77;
    free(block);
    free(block);
    block = malloc(100);
    free(block);
    return write(STDOUT_FILENO, "went on\n", 8) == 8 ? 0 : 1;
}
