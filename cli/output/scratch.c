/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See scratch.h. */
#include "config.h"

#include "cli/output/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "hakmem-tune."

/* LD_PRELOAD is split at spaces and colons, and '$' is expanded. */
#define UNFIT_CHARACTERS " :$\t\n"

/* Another process may remove a new directory before it is locked; it scans the parent once, so a second try does. */
#define TRIES 3

static const char *parent_directory(void)
{
    const char *parent = getenv("TMPDIR");
    return parent && parent[0] == '/' && !strpbrk(parent, UNFIT_CHARACTERS) ? parent : "/tmp";
}

/* Removes all files of DIRECTORY, a descriptor. */
static void empty(int directory)
{
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    if (!stream) {
        if (copy >= 0)
            close(copy);
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(stream)))
        unlinkat(directory, entry->d_name, 0);
    closedir(stream);
}

/* Removes the directory NAME of PARENT if it is this user's and no process holds its lock. */
static void remove_stale_one(int parent, const char *name)
{
    struct stat status;
    int directory = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0)
        return;
    if (fstat(directory, &status) == 0 && status.st_uid == geteuid() && flock(directory, LOCK_EX | LOCK_NB) == 0) {
        empty(directory);
        unlinkat(parent, name, AT_REMOVEDIR);
    }
    close(directory);
}

static void remove_stale(const char *parent)
{
    DIR *stream = opendir(parent);
    if (!stream)
        return;
    struct dirent *entry;
    while ((entry = readdir(stream)))
        if (strncmp(entry->d_name, PREFIX, sizeof PREFIX - 1) == 0)
            remove_stale_one(dirfd(stream), entry->d_name);
    closedir(stream);
}

/* Makes a directory and locks it. False with errno; ENOENT: another process took it for a stale one. */
static bool make(struct scratch *scratch, const char *parent)
{
    struct stat status;
    errno = ENAMETOOLONG;
    if ((size_t)snprintf(scratch->directory, sizeof scratch->directory, "%s/" PREFIX "XXXXXX", parent) >=
            sizeof scratch->directory ||
        !mkdtemp(scratch->directory))
        return false;
    scratch->lock = open(scratch->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (scratch->lock < 0)
        return false;
    flock(scratch->lock, LOCK_SH); /* where the file system has no locks, no directory is taken for a stale one */
    if (fchmod(scratch->lock, 0711) == 0 && stat(scratch->directory, &status) == 0)
        return true;
    int error = errno;
    close(scratch->lock);
    rmdir(scratch->directory);
    errno = error;
    return false;
}

bool scratch_open(struct scratch *scratch, char *message, size_t size)
{
    static bool cleaned;
    const char *parent = parent_directory();
    if (!cleaned)
        remove_stale(parent);
    cleaned = true;
    for (int i = 0; i < TRIES; i++) {
        if (make(scratch, parent))
            return true;
        if (errno != ENOENT)
            break;
    }
    snprintf(message, size, "cannot make a temporary directory in %s: %s", parent, strerror(errno));
    scratch->directory[0] = '\0';
    return false;
}

FILE *scratch_create(const struct scratch *scratch, const char *name, char *path, size_t size)
{
    errno = ENAMETOOLONG;
    if ((size_t)snprintf(path, size, "%s/%s", scratch->directory, name) >= size)
        return NULL;
    int fd = openat(scratch->lock, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    FILE *stream = fd >= 0 && fchmod(fd, 0644) == 0 ? fdopen(fd, "w") : NULL; /* whatever the umask says */
    if (!stream && fd >= 0) {
        int error = errno;
        close(fd);
        errno = error;
    }
    return stream;
}

void scratch_close(struct scratch *scratch)
{
    if (!scratch->directory[0])
        return;
    empty(scratch->lock);
    rmdir(scratch->directory);
    close(scratch->lock);
    scratch->directory[0] = '\0';
}
