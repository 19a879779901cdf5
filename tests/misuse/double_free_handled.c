/* SPDX-License-Identifier: MIT */
/* A block of the shared heap is freed twice, and SIGABRT has a handler that allocates, frees and forks, as one that
 * writes a report does. */
#include "tests/misuse/misuse.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE 192

static void handle(int signal)
{
    (void)signal;
    churn(SIZE);
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    if (child < 0 || waitpid(child, NULL, 0) != child)
        _exit(98);
}

int main(void)
{
    static void *blocks[MANY];
    signal(SIGABRT, handle);
    for (size_t i = 0; i < MANY; i++)
        blocks[i] = allocate(SIZE);
    release(blocks[10]);
    for (size_t i = 20; i < MANY; i++) /* as many as send it home */
        release(blocks[i]);
    release(blocks[10]);
    churn(SIZE);
    return UNNOTICED;
}
