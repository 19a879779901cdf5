/* See whole_file.h. */
#include "cli/terminal/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY_SUFFIX ".XXXXXX"

static bool cannot_write(const char *path, const char *reason, char *message, size_t size)
{
    snprintf(message, size, "cannot write %s: %s", path, reason);
    return false;
}

/* Makes an empty file beside PATH. Returns its descriptor, or -1 with errno. */
static int make_temporary(const char *path, char *temporary, size_t size)
{
    if ((size_t)snprintf(temporary, size, "%s" TEMPORARY_SUFFIX, path) >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return mkostemp(temporary, O_CLOEXEC);
}

bool whole_file_possible(const char *path, char *message, size_t size)
{
    char temporary[PATH_MAX];
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return cannot_write(path, S_ISDIR(status.st_mode) ? "it is a directory" : "it is not a regular file", message, size);
    int fd = make_temporary(path, temporary, sizeof temporary);
    if (fd < 0)
        return cannot_write(path, strerror(errno), message, size);
    close(fd);
    unlink(temporary);
    return true;
}

/* mkostemp's files are for their owner alone; a result is for whoever the umask says. */
static bool open_up(int fd)
{
    mode_t mask = umask(0);
    umask(mask);
    return fchmod(fd, 0666 & ~mask) == 0;
}

bool whole_file_open(struct whole_file *file, const char *path, char *message, size_t size)
{
    file->path = path;
    int fd = make_temporary(path, file->temporary, sizeof file->temporary);
    if (fd < 0)
        return cannot_write(path, strerror(errno), message, size);
    file->stream = open_up(fd) ? fdopen(fd, "w") : NULL;
    if (file->stream)
        return true;
    int error = errno;
    close(fd);
    unlink(file->temporary);
    return cannot_write(path, strerror(error), message, size);
}

bool whole_file_close(struct whole_file *file, bool good, char *message, size_t size)
{
    bool written = good && fflush(file->stream) == 0 && !ferror(file->stream) && fsync(fileno(file->stream)) == 0;
    int error = errno;
    if (fclose(file->stream) != 0 && written) {
        written = false;
        error = errno;
    }
    if (written && rename(file->temporary, file->path) == 0)
        return true;
    if (written)
        error = errno;
    unlink(file->temporary);
    return cannot_write(file->path, strerror(error), message, size);
}
