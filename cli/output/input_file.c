/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See input_file.h. */
#include "cli/output/input_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int input_file_open_fd(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0)
        fcntl(fd, F_SETFL, 0); /* a writer that is there may take its time */
    return fd;
}

FILE *input_file_open(const char *path)
{
    int fd = input_file_open_fd(path);
    FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");
    if (fd >= 0 && !stream) {
        int error = errno;
        close(fd);
        errno = error;
    }
    return stream;
}
