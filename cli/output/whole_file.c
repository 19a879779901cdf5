/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See whole_file.h. */
#include "cli/output/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY_SUFFIX ".XXXXXX"
#define MOST_COPIES 9999

static bool cannot_write(const char *path, const char *reason, char *message, size_t size)
{
    snprintf(message, size, "cannot write %s: %s", path, reason);
    return false;
}

bool whole_file_is_foreign_link(const char *path)
{
    struct stat link, folder;
    const char *slash = strrchr(path, '/');
    char parent[PATH_MAX];
    size_t length = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    if (lstat(path, &link) != 0 || !S_ISLNK(link.st_mode) || link.st_uid == geteuid() || length >= sizeof parent)
        return false;
    memcpy(parent, path, length);
    parent[length] = '\0';
    return stat(length ? parent : ".", &folder) == 0 && (folder.st_mode & S_ISVTX) && (folder.st_mode & S_IWOTH) &&
           link.st_uid != folder.st_uid;
}

/* Where PATH leads, if it is a link, else PATH. False with errno: the link leads nowhere, or is not to be followed, or
 * TARGET is too short. */
static bool resolve(const char *path, char target[PATH_MAX])
{
    struct stat status;
    errno = EACCES;
    if (whole_file_is_foreign_link(path))
        return false;
    if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode))
        return realpath(path, target) != NULL;
    errno = ENAMETOOLONG;
    return (size_t)snprintf(target, PATH_MAX, "%s", path) < PATH_MAX;
}

static bool is_same_file(const struct stat *one, int fd)
{
    struct stat other;
    return fstat(fd, &other) == 0 && one->st_dev == other.st_dev && one->st_ino == other.st_ino;
}

/* Why the file that is at a path now cannot be replaced, or NULL. */
static const char *refusal(const struct stat *status)
{
    if (S_ISDIR(status->st_mode))
        return "it is a directory";
    if (!S_ISREG(status->st_mode))
        return "it is not a regular file";
    return is_same_file(status, STDOUT_FILENO) || is_same_file(status, STDERR_FILENO)
               ? "it is the standard output or error"
               : NULL;
}

/* Makes an empty file beside TARGET. Returns its descriptor, or -1 with errno. */
static int make_temporary(const char *target, char *temporary, size_t size)
{
    if ((size_t)snprintf(temporary, size, "%s" TEMPORARY_SUFFIX, target) >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return mkostemp(temporary, O_CLOEXEC);
}

bool whole_file_possible(const char *path, char *message, size_t size)
{
    char target[PATH_MAX], temporary[PATH_MAX];
    struct stat status;
    const char *refused = stat(path, &status) == 0 ? refusal(&status) : NULL;
    if (refused)
        return cannot_write(path, refused, message, size);
    int fd = resolve(path, target) ? make_temporary(target, temporary, sizeof temporary) : -1;
    if (fd < 0)
        return cannot_write(path, strerror(errno), message, size);
    close(fd);
    unlink(temporary);
    return true;
}

/* mkostemp's files are for their owner alone; a result is for those whom the one before was for, or for whoever the
 * umask says. */
static bool open_up(int fd, const char *target)
{
    struct stat status;
    mode_t mask = umask(0);
    umask(mask);
    bool same = stat(target, &status) == 0 && fchown(fd, status.st_uid, status.st_gid) == 0;
    return fchmod(fd, same ? status.st_mode & 0777 : 0666 & ~mask) == 0;
}

bool whole_file_open(struct whole_file *file, const char *path, char *message, size_t size)
{
    *file = (struct whole_file){.path = path};
    int fd = resolve(path, file->target) ? make_temporary(file->target, file->temporary, sizeof file->temporary) : -1;
    if (fd < 0)
        return cannot_write(path, strerror(errno), message, size);
    file->stream = open_up(fd, file->target) ? fdopen(fd, "w") : NULL;
    if (file->stream)
        return true;
    int error = errno;
    close(fd);
    unlink(file->temporary);
    return cannot_write(path, strerror(error), message, size);
}

void whole_file_keep_old(struct whole_file *file)
{
    file->keeps_old = true;
}

/* Links or renames PATH to KEPT, which must be free. Returns 0, or -1 with errno (EEXIST: it is not). */
static int give_name(const char *path, const char *kept)
{
    struct stat status;
    if (link(path, kept) == 0)
        return 0;
    if (errno == EEXIST || lstat(kept, &status) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(path, kept);
}

bool whole_file_keep(const char *path, char *kept, size_t size)
{
    for (int number = 1; number <= MOST_COPIES; number++) {
        errno = ENAMETOOLONG;
        if ((size_t)snprintf(kept, size, "%s.~%d~", path, number) >= size)
            break;
        if (give_name(path, kept) == 0)
            return true;
        if (errno != EEXIST)
            break;
    }
    kept[0] = '\0';
    return false;
}

static void keep_old(struct whole_file *file)
{
    struct stat status;
    if (file->keeps_old && stat(file->target, &status) == 0 && status.st_size > 0)
        whole_file_keep(file->target, file->kept, sizeof file->kept);
}

/* Puts the new file in its place; false with errno, and the old one is there. */
static bool replace(struct whole_file *file)
{
    keep_old(file);
    if (rename(file->temporary, file->target) == 0)
        return true;
    int error = errno;
    if (file->kept[0])
        rename(file->kept, file->target);
    errno = error;
    return false;
}

bool whole_file_close(struct whole_file *file, bool good, char *message, size_t size)
{
    bool written = good && fflush(file->stream) == 0 && !ferror(file->stream) && fsync(fileno(file->stream)) == 0;
    int error = errno;
    if (fclose(file->stream) != 0 && written) {
        written = false;
        error = errno;
    }
    if (written && replace(file))
        return true;
    if (written)
        error = errno;
    unlink(file->temporary);
    return cannot_write(file->path, strerror(error), message, size);
}
