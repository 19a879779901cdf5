/* SPDX-License-Identifier: MIT */
/* Reads a small file into memory without malloc and without stdio: the library does so inside of the program's first
 * malloc. Below: text, system calls. */
#ifndef HAK_PROFILE_READ_FILE_H
#define HAK_PROFILE_READ_FILE_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a profile's text at most. A profile with the longest class map and a page of comments has 3 KiB; what is
 * longer is another file by mistake, and would only fill the memory that the library can spare before its first malloc.
 */
#define HAK_PROFILE_TEXT_MAX 65536

/* Maps a copy of the regular file at PATH. True: *TEXT is *LENGTH bytes, to be given back with hak_file_text_release.
 * False: the reason, with the file's name, is in MESSAGE; so are an empty file and one of more than
 * HAK_PROFILE_TEXT_MAX bytes. */
COLD bool hak_file_text_read(const char *path, const char **text, size_t *length, char *message, size_t size);

COLD void hak_file_text_release(const char *text);

/* What the C library says of ERROR (an errno) in English: unlike strerror it reads no message catalogue, and so never
 * calls malloc. */
COLD const char *hak_error_words(int error);

#endif
