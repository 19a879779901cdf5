/* SPDX-License-Identifier: MIT */
/* What the targets of make fuzz have in common: the function that each has, and what must hold for any input.
 *
 * A target is linked with libFuzzer, which looks for inputs (tests/fuzz/fuzz.sh), or with replay.c, which runs those
 * that are in the tree. One thread. */
#ifndef HAK_TESTS_FUZZ_TARGET_H
#define HAK_TESTS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Runs one input, and returns 0. What goes wrong ends the program. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, which both mains take for a finding, unless HOLDS. */
#define FUZZ_EXPECT(holds)                                                                    \
    do {                                                                                      \
        if (!(holds)) {                                                                       \
            dprintf(STDERR_FILENO, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds); \
            abort();                                                                          \
        }                                                                                     \
    } while (0)

/* A file without a name, for what is read by its path alone. */
struct fuzz_file {
    int descriptor;
    char path[64];
};

static inline struct fuzz_file fuzz_file_open(const void *data, size_t size)
{
    struct fuzz_file file = {.descriptor = memfd_create("input", MFD_CLOEXEC)};
    FUZZ_EXPECT(file.descriptor >= 0);
    FUZZ_EXPECT(write(file.descriptor, data, size) == (ssize_t)size);
    FUZZ_EXPECT(fchmod(file.descriptor, 0600) == 0); /* no program */
    snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.descriptor);
    return file;
}

static inline void fuzz_file_close(const struct fuzz_file *file)
{
    close(file->descriptor);
}

/* Whether no character of TEXT does something to a terminal but begin a line. */
static inline bool fuzz_is_text(const char *text)
{
    for (const char *at = text; *at; at++)
        if (((unsigned char)*at < ' ' && *at != '\n') || *at == 0x7f)
            return false;
    return true;
}

/* Whether TEXT is what an error may be: one line. */
static inline bool fuzz_is_line(const char *text)
{
    return fuzz_is_text(text) && text[0] != '\0' && !strchr(text, '\n');
}

#endif
