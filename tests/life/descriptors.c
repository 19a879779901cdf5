/* SPDX-License-Identifier: MIT */
/* A program that closes its standard error and opens a file, which gets the same descriptor; or that leaves it as it
 * is. Then it misuses the allocator, or ends well.
 *
 * descriptors reopened|kept FILE misuse|well */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 4)
        return 99;
    if (strcmp(argv[1], "reopened") == 0) {
        close(STDERR_FILENO);
        int file = open(argv[2], O_RDWR | O_CREAT | O_TRUNC, 0600);
        if (file != STDERR_FILENO || write(file, "USERDATA\n", 9) != 9)
            return 99;
    }
    void *volatile block = malloc(1000000);
    free(block);
    if (strcmp(argv[3], "misuse") == 0)
        free((char *)block + 1);
    return 0;
}
