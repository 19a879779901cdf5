/* SPDX-License-Identifier: MIT */
/* Reads a small file. See read_file.h. */
#include "config.h"

#include "lib/profile/read_file.h"

#include "lib/profile/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* One byte more than is taken, so that a longer file is seen as one even if it grew after its size was asked for. */
#define BUFFER_SIZE (HAK_PROFILE_TEXT_MAX + 1)

/* A path in a message: what is longer is cut at its front, so that the reason still fits. */
#define PATH_EXCERPT 512

const char *hak_error_words(int error)
{
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 32)
    const char *words = strerrordesc_np(error);
#else
    const char *words = strerror(error);
#endif
    return words ? words : "unknown error";
}

static bool refuse(const char *path, const char *reason, char *message, size_t size)
{
    char shown[PATH_EXCERPT];
    snprintf(message, size, "%s: %s", hak_text_excerpt_end(path, shown, sizeof shown), reason);
    return false;
}

static bool refuse_with_error(const char *path, const char *what, int error, char *message, size_t size)
{
    char shown[PATH_EXCERPT];
    snprintf(message, size, "%s: %s: %s", hak_text_excerpt_end(path, shown, sizeof shown), what,
             hak_error_words(error));
    return false;
}

static bool refuse_length(const char *path, uintmax_t length, char *message, size_t size)
{
    char shown[PATH_EXCERPT];
    snprintf(message, size, "%s: %ju bytes long (a profile has at most %d)",
             hak_text_excerpt_end(path, shown, sizeof shown), length, HAK_PROFILE_TEXT_MAX);
    return false;
}

/* Opens PATH without waiting: a FIFO's open would else last until somebody writes. */
static int open_regular(const char *path, char *message, size_t size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) {
        refuse_with_error(path, "cannot be opened", errno, message, size);
        return -1;
    }
    struct stat status;
    bool good = false;
    if (fstat(descriptor, &status) != 0)
        refuse_with_error(path, "cannot be read", errno, message, size);
    else if (S_ISDIR(status.st_mode))
        refuse(path, "is a directory (a profile's file is expected)", message, size);
    else if (!S_ISREG(status.st_mode))
        refuse(path, "is not a regular file", message, size);
    else if (status.st_size > HAK_PROFILE_TEXT_MAX)
        refuse_length(path, (uintmax_t)status.st_size, message, size);
    else
        good = true;
    if (good)
        return descriptor;
    close(descriptor);
    return -1;
}

/* Reads to the end of the file, or to the end of BUFFER. Returns the bytes read, or -1 with errno. */
static ssize_t read_all(int descriptor, char *buffer)
{
    size_t used = 0;
    while (used < BUFFER_SIZE) {
        ssize_t got = read(descriptor, buffer + used, BUFFER_SIZE - used);
        if (got == 0)
            break;
        if (got > 0)
            used += (size_t)got;
        else if (errno != EINTR)
            return -1;
    }
    return (ssize_t)used;
}

static bool check_length(const char *path, ssize_t length, char *message, size_t size)
{
    if (length < 0)
        return refuse_with_error(path, "cannot be read", errno, message, size);
    if (length == 0)
        return refuse(path, "is empty (a profile starts with profile_version: 1)", message, size);
    if (length > HAK_PROFILE_TEXT_MAX)
        return refuse_length(path, (uintmax_t)length, message, size);
    return true;
}

bool hak_file_text_read(const char *path, const char **text, size_t *length, char *message, size_t size)
{
    int descriptor = open_regular(path, message, size);
    if (descriptor < 0)
        return false;
    char *buffer = mmap(NULL, BUFFER_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (buffer == MAP_FAILED) {
        refuse_with_error(path, "no memory to read it", errno, message, size);
        close(descriptor);
        return false;
    }
    ssize_t got = read_all(descriptor, buffer);
    bool good = check_length(path, got, message, size);
    close(descriptor);
    if (!good) {
        hak_file_text_release(buffer);
        return false;
    }
    *text = buffer;
    *length = (size_t)got;
    return true;
}

void hak_file_text_release(const char *text)
{
    munmap((void *)(uintptr_t)text, BUFFER_SIZE);
}
