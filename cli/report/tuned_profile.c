/* See tuned_profile.h. */
#include "config.h"

#include "cli/report/tuned_profile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/report/verdict.h"
#include "lib/profile/write.h"

#define TEMPORARY_SUFFIX ".XXXXXX"
#define MAX_COMMENTS 16
#define COMMENT_LENGTH 1024

void tuned_profile_name(const struct trial_work *work, const char *suffix, char *name, size_t size)
{
    const char *base = work->workload ? work->workload : work->command[0];
    const char *slash = strrchr(base, '/');
    snprintf(name, size, "%s%s", slash && slash[1] ? slash + 1 : base, suffix);
    for (char *at = name; *at; at++) {
        if (!isalnum((unsigned char)*at) && !strchr("._-+", *at))
            *at = '-';
    }
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

static bool cannot_write(const char *path, const char *reason, char *message, size_t size)
{
    snprintf(message, size, "cannot write %s: %s", path, reason);
    return false;
}

bool tuned_profile_writable(const char *path, char *message, size_t size)
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

/* --- comments ----------------------------------------------------------------------------------------------------------------------- */

struct comments {
    char text[MAX_COMMENTS][COMMENT_LENGTH];
    const char *lines[MAX_COMMENTS];
    size_t count;
};

static void __attribute__((format(printf, 2, 3))) add(struct comments *comments, const char *format, ...)
{
    if (comments->count == MAX_COMMENTS)
        return;
    char *text = comments->text[comments->count];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, COMMENT_LENGTH, format, arguments);
    va_end(arguments);
    comments->lines[comments->count++] = text;
}

static void add_work(struct comments *comments, const struct trial_work *work)
{
    char line[COMMENT_LENGTH - 32];
    verdict_describe_work(work, line, sizeof line);
    add(comments, "%s %s", work->workload ? "Workload:" : "Command: ", line);
}

static void add_provenance(struct comments *comments, const struct session_settings *settings, const struct session_outcome *outcome)
{
    char date[32], text[COMMENT_LENGTH - 32];
    time_t now = time(NULL);
    struct tm broken;
    strftime(date, sizeof date, "%Y-%m-%d", localtime_r(&now, &broken));
    add(comments, "Made by hakmem-tune " PACKAGE_VERSION " on %s, seed %llu, %u candidates in %.0f s.", date,
        (unsigned long long)settings->seed, outcome->trials, outcome->seconds);
    add(comments, "Machine:  %s", settings->space->machine.description);
    add_work(comments, &settings->work);
    verdict_describe_goal(&settings->goal, text, sizeof text);
    add(comments, "Goal:     %s", text);
    verdict_describe(settings, outcome, text, sizeof text);
    add(comments, "Result:   %s", text);
    if (outcome->proof.winner < 0) {
        add(comments, "What follows is the built-in default.");
        return;
    }
    const struct proof_finalist *winner = &outcome->proof.finalists[outcome->proof.winner];
    add(comments, "Changed:  %s", space_describe(settings->space, &winner->point, text, sizeof text));
    verdict_describe_noise(outcome, text, sizeof text);
    add(comments, "Noise:    %s", text);
}

/* --- the file ----------------------------------------------------------------------------------------------------------------------- */

static void fill_in(const struct session_settings *settings, const struct session_outcome *outcome, struct hak_profile *profile)
{
    char name[HAK_PROFILE_NAME_MAX];
    struct space_point point = space_default(settings->space);
    if (outcome->proof.winner >= 0)
        point = outcome->proof.finalists[outcome->proof.winner].point;
    tuned_profile_name(&settings->work, "", name, sizeof name);
    space_to_profile(settings->space, &point, name, profile);
}

static bool write_all(int fd, const struct hak_profile *profile, const struct comments *comments)
{
    FILE *stream = fdopen(fd, "w");
    if (!stream) {
        close(fd);
        return false;
    }
    bool written = hak_profile_write(stream, profile, comments->lines, comments->count) && fflush(stream) == 0 && fsync(fd) == 0;
    return fclose(stream) == 0 && written;
}

/* mkstemp's files are for their owner alone; a profile is for whoever the umask says. */
static bool open_up(int fd)
{
    mode_t mask = umask(0);
    umask(mask);
    return fchmod(fd, 0666 & ~mask) == 0;
}

bool tuned_profile_write(const char *path, const struct session_settings *settings, const struct session_outcome *outcome, char *message,
                         size_t size)
{
    char temporary[PATH_MAX];
    struct hak_profile profile;
    struct comments *comments = calloc(1, sizeof *comments);
    if (!comments)
        abort();
    fill_in(settings, outcome, &profile);
    add_provenance(comments, settings, outcome);
    int fd = make_temporary(path, temporary, sizeof temporary);
    bool made = fd >= 0;
    bool written = made && open_up(fd) && write_all(fd, &profile, comments) && rename(temporary, path) == 0;
    int error = errno;
    free(comments);
    if (written)
        return true;
    if (made)
        unlink(temporary);
    return cannot_write(path, strerror(error), message, size);
}
