/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are read, whatever somebody else has put under their names. Below: the C library. */
#ifndef HAK_OUTPUT_INPUT_FILE_H
#define HAK_OUTPUT_INPUT_FILE_H

#include <stdio.h>

/* Opens PATH for reading, and does not wait for a named pipe's writer: without one it is empty. NULL with errno. */
FILE *input_file_open(const char *path);

/* The same without a stream; -1 with errno. */
int input_file_open_fd(const char *path);

#endif
