/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See control_group.h. */
#include "config.h"

#include "cli/race/control_group.h"

#include "cli/machine/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PREFIX "hakmem-tune."
#define MOST_OPEN 16 /* directories that are open at once while one is removed with those below it */
#define NAP_NS (1 * NS_PER_MS)
#define END_LIMIT_NS (1 * NS_PER_S) /* of waiting for what has been killed */

/* ---- where ---- */

/* Copies the line of FILE that begins with START, without that. */
static bool find_line(FILE *file, const char *start, char *rest, size_t size)
{
    char line[PATH_MAX + 64];
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, start, strlen(start)) == 0)
            return (size_t)snprintf(rest, size, "%s", line + strlen(start)) < size;
    }
    return false;
}

/* The group of this process, "/..." from the top of the hierarchy. */
static bool read_own_group(const char *root, char *own, size_t size)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *file = fopen(path, "re");
    bool found = file && find_line(file, "0::", own, size);
    if (file)
        fclose(file);
    return found;
}

/* What of OWN is below TOP, which a mount shows: "" or "/..."; NULL: it is not below. */
static const char *below_top(const char *own, const char *top)
{
    size_t length = strcmp(top, "/") == 0 ? 0 : strlen(top);
    if (strncmp(own, top, length) != 0 || (own[length] != '/' && own[length] != '\0') || strstr(own, "/.."))
        return NULL;
    return strcmp(own + length, "/") == 0 ? "" : own + length;
}

/* Whether LINE of mountinfo is a mount of the hierarchy that shows OWN; PATH is its directory then. Spaces and the like
 * are escaped by backslashes there, and no such place is used. */
static bool shows(const char *line, const char *root, const char *own, char *path, size_t size)
{
    char top[PATH_MAX], place[PATH_MAX];
    const char *separator = strstr(line, " - "), *below;
    if (!separator || strncmp(separator, " - cgroup2 ", sizeof " - cgroup2 " - 1) != 0 || strchr(line, '\\') ||
        sscanf(line, "%*d %*d %*s %4095s %4095s", top, place) != 2 || !(below = below_top(own, top)))
        return false;
    return (size_t)snprintf(path, size, "%s%s%s", root, place, below) < size;
}

static bool find_mount(const char *root, const char *own, char *path, size_t size)
{
    char name[PATH_MAX], line[2 * PATH_MAX + 256];
    bool found = false;
    snprintf(name, sizeof name, "%s/proc/self/mountinfo", root);
    FILE *file = fopen(name, "re");
    while (file && !found && fgets(line, sizeof line, file))
        found = shows(line, root, own, path, size);
    if (file)
        fclose(file);
    return found;
}

/* Reads the first line of a file of the group at PATH. False where there is no such file. */
static bool read_setting(const char *path, const char *name, char *line, int size)
{
    char file_name[PATH_MAX + NAME_MAX];
    snprintf(file_name, sizeof file_name, "%s/%s", path, name);
    FILE *file = fopen(file_name, "re");
    if (!file)
        return false;
    if (!fgets(line, size, file))
        line[0] = '\0';
    fclose(file);
    return true;
}

/* A group below PATH is under the same terms as PATH, and its files tell no other ones. */
static bool is_neutral(const char *path)
{
    static const char *const limits[] = {"memory.max", "memory.high", "cpu.max"};
    char line[256];
    if (!read_setting(path, "cgroup.subtree_control", line, sizeof line) || line[strspn(line, " \n")] != '\0')
        return false;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (read_setting(path, limits[i], line, sizeof line) && strncmp(line, "max", 3) != 0)
            return false;
    return true;
}

bool control_group_home(const char *root, char *path, size_t size)
{
    char own[PATH_MAX];
    if (read_own_group(root, own, sizeof own) && find_mount(root, own, path, size) && is_neutral(path) &&
        access(path, W_OK) == 0)
        return true;
    path[0] = '\0';
    return false;
}

/* ---- its life ---- */

bool control_group_make(struct control_group *group, const char *home)
{
    group->directory = -1;
    if (!home[0] || (size_t)snprintf(group->path, sizeof group->path, "%s/" PREFIX "XXXXXX", home) >= PATH_MAX ||
        !mkdtemp(group->path))
        return false;
    group->directory = open(group->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (group->directory < 0) {
        rmdir(group->path);
        return false;
    }
    flock(group->directory, LOCK_SH);
    return true;
}

pid_t control_group_fork(const struct control_group *group)
{
#ifdef CLONE_INTO_CGROUP
    if (group->directory >= 0) {
        struct clone_args arguments = {
            .flags = CLONE_INTO_CGROUP,
            .exit_signal = SIGCHLD,
            .cgroup = (uint64_t)group->directory,
        };
        return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    }
#endif
    (void)group;
    errno = ENOSYS;
    return -1;
}

/* Writes "1" to a file of the group at PATH. */
static bool order(const char *path, const char *name)
{
    char file_name[PATH_MAX + NAME_MAX];
    snprintf(file_name, sizeof file_name, "%s/%s", path, name);
    int fd = open(file_name, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool done = write(fd, "1", 1) == 1;
    close(fd);
    return done;
}

/* Kills each process that is listed in the group at PATH. Returns how many there were. */
static size_t kill_listed(const char *path)
{
    char file_name[PATH_MAX + NAME_MAX];
    int pid;
    size_t count = 0;
    snprintf(file_name, sizeof file_name, "%s/cgroup.procs", path);
    FILE *file = fopen(file_name, "re");
    while (file && fscanf(file, "%d", &pid) == 1)
        if (pid > 0) /* 0: in a process namespace that this one does not see */
            count += kill((pid_t)pid, SIGKILL) == 0;
    if (file)
        fclose(file);
    return count;
}

/* A kernel that cannot kill a group may be able to freeze it: then nothing in it forks meanwhile. */
static void kill_at(const char *path)
{
    if (order(path, "cgroup.kill"))
        return;
    order(path, "cgroup.freeze");
    uint64_t limit = clock_now_ns() + END_LIMIT_NS;
    while (kill_listed(path) > 0 && clock_now_ns() < limit)
        clock_nap(NAP_NS);
}

void control_group_kill(const struct control_group *group)
{
    if (group->directory >= 0)
        kill_at(group->path);
}

/* What was killed keeps its group busy until it has ended. */
static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)place;
    if (kind != FTW_DP)
        return 0;
    uint64_t limit = clock_now_ns() + END_LIMIT_NS;
    kill_at(path);
    while (rmdir(path) != 0 && errno == EBUSY && clock_now_ns() < limit)
        clock_nap(NAP_NS);
    return 0;
}

void control_group_remove_path(const char *path)
{
    nftw(path, remove_one, MOST_OPEN, FTW_DEPTH | FTW_PHYS);
}

void control_group_remove(struct control_group *group)
{
    if (group->directory < 0)
        return;
    if (rmdir(group->path) != 0) /* else it was empty, as it mostly is */
        control_group_remove_path(group->path);
    close(group->directory);
    group->directory = -1;
}

/* Removes the group NAME if it is this user's and no process holds its lock. */
static void remove_stale_one(const char *home, const char *name)
{
    char path[PATH_MAX];
    struct stat status;
    if ((size_t)snprintf(path, sizeof path, "%s/%s", home, name) >= sizeof path)
        return;
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0)
        return;
    if (fstat(directory, &status) == 0 && status.st_uid == geteuid() && flock(directory, LOCK_EX | LOCK_NB) == 0)
        control_group_remove_path(path);
    close(directory);
}

void control_group_remove_stale(const char *home)
{
    DIR *stream = home[0] ? opendir(home) : NULL;
    if (!stream)
        return;
    struct dirent *entry;
    while ((entry = readdir(stream)))
        if (strncmp(entry->d_name, PREFIX, sizeof PREFIX - 1) == 0)
            remove_stale_one(home, entry->d_name);
    closedir(stream);
}
