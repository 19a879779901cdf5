/* SPDX-License-Identifier: MIT */
#include "lib/observe/stats_file.h"

#include "lib/base/report.h"
#include "lib/base/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLAGS (O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY)
#define MODE 0666

/* Writes TEXT; the error's number, or 0. *DONE: how many bytes. */
static int write_all(int file, const char *text, size_t length, size_t *done)
{
    errno = EIO; /* a write of no bytes leaves it */
    *done = report_text(file, text, length);
    return *done == length ? 0 : errno;
}

/* What was written of a record goes again, if nothing was appended since; else a part of it stays. */
static void take_back(int file, size_t done)
{
    off_t end = lseek(file, 0, SEEK_CUR);
    struct stat status;
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == end &&
        ftruncate(file, end - (off_t)done) != 0)
        errno = EIO;
}

/* A pipe that nobody reads is an error; one that is read may take its time. */
static int append(const char *path, const char *text, size_t length)
{
    size_t done;
    int file = open(path, FLAGS | O_APPEND | O_NONBLOCK, MODE);
    if (file < 0)
        return errno;
    fcntl(file, F_SETFL, O_APPEND);
    int error = write_all(file, text, length, &done);
    if (error != 0 && done != 0)
        take_back(file, done);
    close(file);
    return error;
}

/* The name of a file beside PATH that nobody else writes: another thread may write a record now, or the handler of a
 * signal that has interrupted this one. */
static void add_temporary(struct writer *writer, const char *path)
{
    static _Atomic uint64_t last;
    writer_add(writer, path);
    writer_add(writer, ".");
    writer_add_number(writer, (uint64_t)getpid());
    writer_add(writer, "-");
    writer_add_number(writer, atomic_fetch_add_explicit(&last, 1, memory_order_relaxed));
}

static int replace(const char *path, const char *text, size_t length)
{
    char temporary[1024];
    size_t done;
    struct writer name = writer_start(temporary, sizeof temporary);
    add_temporary(&name, path);
    if (name.length >= sizeof temporary)
        return ENAMETOOLONG;
    int file = open(temporary, FLAGS | O_EXCL, MODE);
    if (file < 0)
        return errno;
    int error = write_all(file, text, length, &done);
    if (close(file) != 0 && error == 0)
        error = errno;
    if (error == 0 && rename(temporary, path) != 0)
        error = errno;
    if (error != 0)
        unlink(temporary);
    return error;
}

static bool is_regular_or_new(const char *path)
{
    struct stat status;
    return stat(path, &status) != 0 || S_ISREG(status.st_mode);
}

int stats_file_write(const char *path, bool own, const char *text, size_t length)
{
    int cancel;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    int error = own && is_regular_or_new(path) ? replace(path, text, length) : append(path, text, length);
    pthread_setcancelstate(cancel, &cancel);
    return error;
}
