/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See file.h. */
#include "config.h"

#include "cli/journal/file.h"

#include "cli/output/memory.h"
#include "cli/output/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct journal {
    int fd;
    int error; /* errno of the first write that failed, or 0 */
    char path[PATH_MAX];
    char kept[WHOLE_FILE_KEPT]; /* what the one that was here before is called now; empty: there was none */
};

static struct journal *fail(struct journal *journal, char *message, size_t size, const char *what)
{
    snprintf(message, size, "journal %s: %s", journal->path, what);
    if (journal->fd >= 0)
        close(journal->fd);
    free(journal);
    return NULL;
}

/* Opens and locks. The reason of a failure is in MESSAGE. */
static struct journal *open_locked(const char *path, int flags, char *message, size_t size)
{
    struct journal *journal = must_have(calloc(1, sizeof *journal));
    journal->fd = -1;
    snprintf(journal->path, sizeof journal->path, "%s", path);
    if (whole_file_is_foreign_link(path))
        return fail(journal, message, size, "it is another user's link in a folder that everybody may write to");
    journal->fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | flags, 0644);
    if (journal->fd < 0)
        return fail(journal, message, size, strerror(errno));
    struct stat status;
    if (fstat(journal->fd, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(journal, message, size, "not a regular file");
    if (flock(journal->fd, LOCK_EX | LOCK_NB) != 0)
        return fail(journal, message, size,
                    errno == EWOULDBLOCK ? "another hakmem-tune is writing it" : strerror(errno));
    return journal;
}

/* Moves what is at PATH out of the way, unless it is empty or in use. */
static bool keep_old(const char *path, char kept[WHOLE_FILE_KEPT], char *message, size_t size)
{
    struct stat status;
    kept[0] = '\0';
    if (stat(path, &status) != 0 || (S_ISREG(status.st_mode) && status.st_size == 0))
        return true;
    struct journal *old = open_locked(path, 0, message, size);
    if (!old)
        return false;
    close(old->fd);
    free(old);
    if (whole_file_keep(path, kept, WHOLE_FILE_KEPT) && (unlink(path) == 0 || errno == ENOENT))
        return true;
    snprintf(message, size, "journal %s: cannot keep the old one under another name: %s", path, strerror(errno));
    return false;
}

struct journal *journal_create(const char *path, json_t *header, char *message, size_t size)
{
    char kept[WHOLE_FILE_KEPT];
    if (!keep_old(path, kept, message, size))
        return NULL;
    struct journal *journal = open_locked(path, O_CREAT, message, size);
    if (!journal)
        return NULL;
    strcpy(journal->kept, kept);
    journal_write(journal, json_incref(header));
    if (!journal->error)
        return journal;
    snprintf(message, size, "journal %s: %s", path, strerror(journal->error));
    journal_discard(journal);
    return NULL;
}

const char *journal_kept(const struct journal *journal)
{
    return journal->kept[0] ? journal->kept : NULL;
}

static char *read_all(int fd, size_t *length)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return NULL;
    char *text = must_have(malloc((size_t)status.st_size + 1));
    *length = 0;
    while (*length < (size_t)status.st_size) {
        ssize_t got = pread(fd, text + *length, (size_t)status.st_size - *length, (off_t)*length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        *length += (size_t)got;
    }
    text[*length] = '\0';
    return text;
}

/* Parses LENGTH bytes into LINES. Returns how many bytes are good lines; *BAD_LINE is the number of the line that
 * isn't, or 0. */
static size_t parse_lines(const char *text, size_t length, json_t *lines, size_t *bad_line)
{
    size_t good = 0;
    *bad_line = 0;
    while (good < length) {
        const char *end = memchr(text + good, '\n', length - good);
        json_t *line = end ? json_loadb(text + good, (size_t)(end - text) - good, 0, NULL) : NULL;
        if (!json_is_object(line)) {
            json_decref(line);
            *bad_line = json_array_size(lines) + 1;
            return good;
        }
        json_array_append_new(lines, line);
        good = (size_t)(end - text) + 1;
    }
    return good;
}

/* A bad line is torn if it is the last one. */
static bool is_last_line(const char *text, size_t length, size_t start)
{
    const char *end = memchr(text + start, '\n', length - start);
    return !end || (size_t)(end - text) + 1 == length;
}

/* All whole lines of what FD reads, and where they end; NULL with the reason in WHAT. */
static json_t *read_lines(int fd, size_t *good, bool *torn, char *what, size_t size)
{
    size_t length = 0, bad_line;
    char *text = read_all(fd, &length);
    if (!text) {
        snprintf(what, size, "%s", strerror(errno));
        return NULL;
    }
    json_t *lines = json_array();
    *good = parse_lines(text, length, lines, &bad_line);
    *torn = bad_line != 0;
    bool usable = json_array_size(lines) > 0 && (!bad_line || is_last_line(text, length, *good));
    free(text);
    if (usable)
        return lines;
    if (length == 0)
        snprintf(what, size, "is empty");
    else
        snprintf(what, size, "line %zu is not a line of a journal (a JSON object)", bad_line);
    json_decref(lines);
    return NULL;
}

struct journal *journal_resume(const char *path, json_t **lines, bool *torn, char *message, size_t size)
{
    char what[128];
    size_t good;
    struct journal *journal = open_locked(path, 0, message, size);
    if (!journal)
        return NULL;
    *lines = read_lines(journal->fd, &good, torn, what, sizeof what);
    if (*lines && (!*torn || ftruncate(journal->fd, (off_t)good) == 0))
        return journal;
    if (*lines)
        snprintf(what, sizeof what, "%s", strerror(errno));
    json_decref(*lines);
    *lines = NULL;
    return fail(journal, message, size, what);
}

json_t *journal_read(const char *path, bool *torn, char *message, size_t size)
{
    char what[128] = "not a regular file";
    size_t good;
    json_t *lines = NULL;
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &status) != 0)
        snprintf(what, sizeof what, "%s", strerror(errno));
    else if (S_ISREG(status.st_mode))
        lines = read_lines(fd, &good, torn, what, sizeof what);
    if (fd >= 0)
        close(fd);
    if (!lines)
        snprintf(message, size, "journal %s: %s", path, what);
    return lines;
}

/* One write for one line: whoever reads the file meanwhile sees whole lines. */
void journal_write(struct journal *journal, json_t *line)
{
    char *text = must_have(json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER));
    json_decref(line);
    size_t length = strlen(text);
    text[length++] = '\n'; /* in place of the NUL */
    if (journal->error == 0) {
        ssize_t written = write(journal->fd, text, length);
        if (written != (ssize_t)length)
            journal->error = written < 0 ? errno : ENOSPC;
    }
    free(text);
}

bool journal_close(struct journal *journal, char *message, size_t size)
{
    if (!journal)
        return true;
    int error = journal->error;
    if (error == 0 && fsync(journal->fd) != 0 && errno != EINVAL && errno != EROFS)
        error = errno;
    if (error)
        snprintf(message, size, "journal %s: %s; lines are missing at its end", journal->path, strerror(error));
    close(journal->fd);
    free(journal);
    return error == 0;
}

void journal_discard(struct journal *journal)
{
    if (!journal->kept[0] || rename(journal->kept, journal->path) != 0)
        unlink(journal->path);
    close(journal->fd);
    free(journal);
}
