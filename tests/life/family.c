/* SPDX-License-Identifier: MIT */
/* A process that changes its directory and forks a child; both end by exit. Prints the ids of both. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    printf("parent %d\n", (int)getpid());
    fflush(stdout);
    if (chdir("/") != 0)
        return 1;
    pid_t child = fork();
    if (child == 0) {
        printf("child %d\n", (int)getpid());
        exit(0);
    }
    int status = 1;
    waitpid(child, &status, 0);
    return status != 0;
}
