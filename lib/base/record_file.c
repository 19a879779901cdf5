/* SPDX-License-Identifier: MIT */
#include "lib/base/record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void note_error(struct record_file *file)
{
    if (file->error == 0)
        file->error = errno;
}

/* A terminal, a pipe, a device: it stays what it is. */
static bool is_special(const char *name)
{
    struct stat status;
    return stat(name, &status) == 0 && !S_ISREG(status.st_mode);
}

/* Two processes that write the same file have a temporary one each, under a name that nobody else's file has: one that
 * is there is left from a process that had the number before. */
static bool choose_names(struct record_file *file, const char *name)
{
    struct writer whole = writer_start(file->name, sizeof file->name),
                  temporary = writer_start(file->temporary, sizeof file->temporary);
    writer_add(&whole, name);
    writer_add(&temporary, name);
    if (!is_special(name)) {
        writer_add(&temporary, ".");
        writer_add_number(&temporary, (uint64_t)getpid());
        writer_add(&temporary, ".part");
    }
    return temporary.length < temporary.size;
}

static bool is_temporary(const struct record_file *file)
{
    return strcmp(file->temporary, file->name) != 0;
}

/* A pipe that nobody reads is an error; one that is read may take its time. */
static int open_special(const char *name)
{
    int descriptor = open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor >= 0)
        fcntl(descriptor, F_SETFL, 0);
    return descriptor;
}

/* What somebody has put in its place meanwhile, a link say, is not written to. */
static int open_new(const char *name)
{
    unlink(name);
    return open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
}

bool record_file_begin(struct record_file *file, const char *name)
{
    record_file_use(file, -1);
    if (!choose_names(file, name)) {
        file->error = ENAMETOOLONG;
        return false;
    }
    file->descriptor = is_temporary(file) ? open_new(file->temporary) : open_special(file->name);
    if (file->descriptor < 0)
        note_error(file);
    return file->descriptor >= 0;
}

static void put(struct record_file *file, const char *text, size_t length)
{
    for (size_t done = 0; done < length && file->error == 0;) {
        ssize_t step = write(file->descriptor, text + done, length - done);
        if (step >= 0)
            done += (size_t)step;
        else if (errno != EINTR)
            note_error(file);
    }
}

void record_file_use(struct record_file *file, int descriptor)
{
    file->error = 0;
    file->descriptor = descriptor;
    file->line = writer_start(file->buffer, sizeof file->buffer);
}

void record_file_flush(struct record_file *file)
{
    put(file, file->line.text, writer_kept(&file->line));
    file->line.length = 0;
}

struct writer *record_file_room(struct record_file *file, size_t bytes)
{
    ASSERT(bytes <= sizeof file->buffer / 2);
    if (file->line.length + bytes >= file->line.size)
        record_file_flush(file);
    return &file->line;
}

void record_file_write(struct record_file *file, const char *text, size_t length)
{
    record_file_flush(file);
    put(file, text, length);
}

bool record_file_end(struct record_file *file)
{
    record_file_flush(file);
    if (close(file->descriptor) != 0)
        note_error(file);
    if (!is_temporary(file))
        return file->error == 0;
    if (file->error == 0 && rename(file->temporary, file->name) != 0)
        note_error(file);
    if (file->error != 0)
        unlink(file->temporary);
    return file->error == 0;
}
