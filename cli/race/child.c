/* SPDX-License-Identifier: GPL-3.0-or-later */
/* child.c: fork, exec and wait; see child.h. */
#include "config.h"

#include "cli/race/child.h"

#include "cli/machine/clock.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STDERR_KEPT 4096         /* bytes of stderr that are looked at for the last line */
#define STDERR_TRIM_AT (1 << 20) /* trimming costs a system call, so not for less than this */
/* What the copy of this process may touch between its stop and its exec, and the kernel's counters of it be wrong by.
 */
#define GROWTH_TO_EXEC (256 << 10)
#define EXEC_FAILED 127 /* the shell's status for a command that could not be run */

extern char **environ;

/* Variables that a child gets from its settings alone. */
static const char *const own_variables[] = {"LD_PRELOAD",  "HAKMEM_PROFILE",   "HAKMEM_PROFILE_STRICT",
                                            "HAKMEM_SEED", BENCH_PROGRESS_ENV, NULL};

/* What environment_build adds to those of the launch: the seed, the library and the progress page. */
#define ADDED_VARIABLES 3

/* Whether ASSIGNMENT is of one of the variables in LIST, which may have a value there, too; LIST may be NULL. */
static bool is_listed(const char *const *list, const char *assignment)
{
    for (size_t i = 0; list && list[i]; i++) {
        size_t length = strcspn(list[i], "=");
        if (strncmp(assignment, list[i], length) == 0 && assignment[length] == '=')
            return true;
    }
    return false;
}

/* An environment under construction; assignments made here are owned, those copied from environ are not. */
struct environment {
    char **list;
    size_t count;
    size_t first_owned;
    bool failed;
};

static void environment_set(struct environment *environment, const char *name, const char *value)
{
    char *assignment;
    if (environment->failed || asprintf(&assignment, "%s=%s", name, value) < 0)
        environment->failed = true;
    else
        environment->list[environment->count++] = assignment;
}

static void environment_release(struct environment *environment)
{
    for (size_t i = environment->first_owned; i < environment->count; i++)
        free(environment->list[i]);
    free(environment->list);
}

static void environment_set_preload(struct environment *environment, const char *library)
{
    const char *inherited = getenv("LD_PRELOAD");
    if (!library) {
        if (inherited)
            environment_set(environment, "LD_PRELOAD", inherited);
        return;
    }
    char *both;
    if (asprintf(&both, "%s%s%s", library, inherited && *inherited ? ":" : "", inherited ? inherited : "") < 0) {
        environment->failed = true;
        return;
    }
    environment_set(environment, "LD_PRELOAD", both);
    free(both);
}

static void environment_set_launch(struct environment *environment, const char *const *list)
{
    for (size_t i = 0; list && list[i]; i++) {
        char *copy = strchr(list[i], '=') ? strdup(list[i]) : NULL;
        if (copy)
            environment->list[environment->count++] = copy;
        else
            environment->failed |= strchr(list[i], '=') != NULL;
    }
}

static size_t count_entries(const char *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    return count;
}

/* Builds the child's environment. Returns 0, or -1 with errno ENOMEM. */
static int environment_build(struct environment *environment, const struct child_settings *settings,
                             const char *library, int page_fd)
{
    const char *const *own = settings->launch.environment, *const *given = settings->assignments;
    size_t inherited = count_entries((const char *const *)environ);
    size_t most = inherited + count_entries(given) + count_entries(own) + ADDED_VARIABLES;
    memset(environment, 0, sizeof *environment);
    environment->list = calloc(most + 1, sizeof *environment->list);
    if (!environment->list)
        return -1;
    for (size_t i = 0; i < inherited; i++)
        if (!is_listed(own_variables, environ[i]) && !is_listed(own, environ[i]) && !is_listed(given, environ[i]))
            environment->list[environment->count++] = environ[i];
    for (size_t i = 0; given && given[i]; i++)
        if (!is_listed(own, given[i]))
            environment->list[environment->count++] = (char *)(uintptr_t)given[i];
    environment->first_owned = environment->count;

    char number[32];
    snprintf(number, sizeof number, "%llu", (unsigned long long)settings->seed);
    environment_set(environment, "HAKMEM_SEED", number);
    environment_set_preload(environment, library);
    environment_set_launch(environment, own);
    if (page_fd >= 0) {
        snprintf(number, sizeof number, "%d", page_fd);
        environment_set(environment, BENCH_PROGRESS_ENV, number);
    }
    if (!environment->failed)
        return 0;
    environment_release(environment);
    errno = ENOMEM;
    return -1;
}

/* LD_PRELOAD is split at spaces and colons, and '$' is expanded: a library whose path has one of them goes through a
 * link that has none. Writes its path into PATH, or what LIBRARY is where none is needed. Returns 0, or -1 with errno.
 */
static int link_library(struct child *child, const char *library, char *path, size_t size)
{
    char message[PATH_MAX + 128];
    snprintf(path, size, "%s", library ? library : "");
    if (!library || !strpbrk(library, " :$\t\n"))
        return 0;
    child->link = calloc(1, sizeof *child->link);
    if (!child->link || !scratch_open(child->link, message, sizeof message))
        return -1;
    snprintf(path, size, "%s/library.so", child->link->directory);
    return symlink(library, path);
}

static void unlink_library(struct child *child)
{
    if (child->link)
        scratch_close(child->link);
    free(child->link);
    child->link = NULL;
}

/* Makes the memory file of a progress page and maps it. Returns its descriptor, or -1 with errno. */
static int make_progress(struct bench_progress **progress, bool wants_latency)
{
    int fd = memfd_create("hakmem-progress", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    void *page = MAP_FAILED;
    if (ftruncate(fd, sizeof **progress) == 0)
        page = mmap(NULL, sizeof **progress, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    *progress = page;
    (*progress)->version = BENCH_PROGRESS_VERSION;
    (*progress)->wants_latency = wants_latency;
    (*progress)->magic = BENCH_PROGRESS_MAGIC;
    return fd;
}

static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    for (int signal_number = 1; signal_number < NSIG; signal_number++)
        signal(signal_number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* What the child needs between fork and exec; made beforehand, because little may be called there when the parent has
 * threads. */
struct start {
    const struct child_settings *settings;
    const struct control_group *control_group;
    char **environment;
    pid_t parent;
    int exec_error_fd;
    int stderr_fd;
    int page_fd;
    int null_fd;
    int stdin_fd;
};

static _Noreturn void run_child(const struct start *start)
{
    setsid();
    reset_signals();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != start->parent) /* it died before it could take us along */
        _exit(EXEC_FAILED);
    prctl(PR_SET_TIMERSLACK, start->settings->timer_slack_ns);
    dup2(start->stdin_fd, STDIN_FILENO);
    if (!start->settings->show_output) {
        int collected_fd = start->stderr_fd >= 0 ? start->stderr_fd : start->null_fd;
        dup2(start->settings->collect_output ? collected_fd : start->null_fd, STDOUT_FILENO);
        dup2(collected_fd, STDERR_FILENO);
    }
    if (start->page_fd >= 0)
        fcntl(start->page_fd, F_SETFD, 0);
    kill(getpid(), SIGSTOP);
    const char *directory = start->settings->directory;
    int network_fd = start->settings->network_fd;
    if ((!directory || chdir(directory) == 0) && (network_fd == 0 || setns(network_fd, CLONE_NEWNET) == 0))
        execvpe(start->settings->argv[0], start->settings->argv, start->environment);
    int error = errno;
    ssize_t written = write(start->exec_error_fd, &error, sizeof error);
    _exit(written == sizeof error ? EXEC_FAILED : 1);
}

/* Waits until the new child has stopped itself. Returns 0, or -1 with errno when it died instead. */
static int wait_for_first_stop(struct child *child)
{
    struct rusage usage;
    int status;
    pid_t waited;
    do
        waited = wait4(child->pid, &status, WUNTRACED, &usage);
    while (waited < 0 && errno == EINTR);
    if (waited == child->pid && WIFSTOPPED(status)) {
        process_usage_add(&child->before, &usage);
        return 0;
    }
    child->exited = true;
    errno = waited < 0 ? errno : ECHILD;
    return -1;
}

/* Forks and waits for the first stop. Returns 0, or -1 with errno. */
static int fork_child(struct child *child, const struct start *start)
{
    pid_t pid = control_group_fork(start->control_group);
    if (pid < 0)
        pid = fork();
    if (pid == 0)
        run_child(start);
    if (pid < 0)
        return -1;
    child->pid = pid;
    child->pid_fd = pidfd_open(pid, 0);
    if (child->pid_fd >= 0 && wait_for_first_stop(child) == 0) {
        child->resident_at_exec = process_peak_resident(pid) + GROWTH_TO_EXEC;
        return 0;
    }
    int error = errno;
    if (!child->exited) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        child->exited = true;
    }
    errno = error;
    return -1;
}

/* What is open while a child is being started. */
struct opened {
    int page_fd, null_fd, stdin_fd, write_end;
};

/* Opens what parent and child share and forks. On failure the caller gives back what is in CHILD and OPENED. */
static int launch_child(struct child *child, const struct child_settings *settings,
                        const struct control_group *control_group, struct opened *opened)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return -1;
    child->exec_error_fd = ends[0];
    opened->write_end = ends[1];
    if ((opened->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC)) < 0)
        return -1;
    if (settings->stdin_path && (opened->stdin_fd = open(settings->stdin_path, O_RDONLY | O_CLOEXEC)) < 0)
        return -1;
    if (!settings->show_output)
        child->stderr_fd = memfd_create("hakmem-stderr", MFD_CLOEXEC); /* without one, stderr goes to /dev/null */
    if (settings->publishes && (opened->page_fd = make_progress(&child->progress, settings->wants_latency)) < 0)
        return -1;
    char library[PATH_MAX + 32];
    struct environment environment;
    if (link_library(child, settings->launch.library, library, sizeof library) != 0 ||
        environment_build(&environment, settings, settings->launch.library ? library : NULL, opened->page_fd) != 0)
        return -1;
    struct start start = {
        .settings = settings,
        .control_group = control_group,
        .environment = environment.list,
        .parent = getpid(),
        .exec_error_fd = opened->write_end,
        .stderr_fd = child->stderr_fd,
        .page_fd = opened->page_fd,
        .null_fd = opened->null_fd,
        .stdin_fd = opened->stdin_fd >= 0 ? opened->stdin_fd : opened->null_fd,
    };
    int result = fork_child(child, &start);
    environment_release(&environment);
    return result;
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

int child_start(struct child *child, const struct child_settings *settings, const struct control_group *control_group)
{
    *child = (struct child){.pid = -1, .pid_fd = -1, .exec_error_fd = -1, .stderr_fd = -1};
    snprintf(child->program, sizeof child->program, "%s", settings->argv[0]);
    struct opened opened = {-1, -1, -1, -1};
    int result = launch_child(child, settings, control_group, &opened);
    int error = errno;
    close_if_open(opened.page_fd);
    close_if_open(opened.null_fd);
    close_if_open(opened.stdin_fd);
    close_if_open(opened.write_end);
    if (result != 0) {
        child_release(child);
        child->pid = -1;
        errno = error;
    }
    return result;
}

enum child_state child_poll(struct child *child)
{
    if (child->exited)
        return CHILD_EXITED;
    struct rusage usage;
    int status;
    pid_t waited = wait4(child->pid, &status, WNOHANG | WUNTRACED, &usage);
    if (waited == 0 || (waited < 0 && errno == EINTR))
        return CHILD_RUNNING;
    if (waited == child->pid)
        child->sleeps = usage.ru_nvcsw;
    if (waited == child->pid && WIFSTOPPED(status))
        return CHILD_STOPPED;
    child->exited = true;
    if (waited != child->pid) /* somebody else has waited for it: its end is all that is known */
        return CHILD_EXITED;
    child->is_waited_for = true;
    child->status = status;
    process_usage_add(&child->usage, &usage);
    uint64_t resident = (uint64_t)usage.ru_maxrss * 1024;
    child->max_resident = resident > child->resident_at_exec ? resident : 0;
    return CHILD_EXITED;
}

void child_update_times(struct child *child)
{
    char path[64];
    unsigned long long executed, waited;
    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)child->pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    if (fscanf(file, "%llu %llu", &executed, &waited) == 2) {
        child->on_processor_ns = executed;
        child->waited_ns = waited;
    }
    fclose(file);
}

/* Looks at the pipe that exec closes, without blocking. */
static void look_at_exec(struct child *child)
{
    if (child->executed || child->exec_error)
        return;
    int error;
    ssize_t length = read(child->exec_error_fd, &error, sizeof error);
    if (length == 0)
        child->executed = true;
    else if (length == sizeof error)
        child->exec_error = error;
}

bool child_has_executed(struct child *child)
{
    look_at_exec(child);
    return child->executed;
}

int child_exec_error(struct child *child)
{
    look_at_exec(child);
    return child->exec_error;
}

void child_trim_stderr(struct child *child)
{
    off_t size = child->stderr_fd < 0 ? 0 : lseek(child->stderr_fd, 0, SEEK_CUR);
    struct stat file;
    if (size < STDERR_TRIM_AT || fstat(child->stderr_fd, &file) != 0 || file.st_blocks * 512 < STDERR_TRIM_AT)
        return;
    fallocate(child->stderr_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, size - STDERR_KEPT);
}

void child_last_error_line(const struct child *child, char *line, size_t size)
{
    char tail[STDERR_KEPT + 1];
    line[0] = '\0';
    struct stat file;
    if (child->stderr_fd < 0 || fstat(child->stderr_fd, &file) != 0)
        return;
    off_t from = file.st_size > STDERR_KEPT ? file.st_size - STDERR_KEPT : 0;
    ssize_t length = pread(child->stderr_fd, tail, STDERR_KEPT, from);
    while (length > 0 && isspace((unsigned char)tail[length - 1]))
        length--;
    if (length <= 0)
        return;
    tail[length] = '\0';
    const char *newline = strrchr(tail, '\n');
    snprintf(line, size, "%s", newline ? newline + 1 : tail);
    for (char *c = line; *c; c++)
        if (iscntrl((unsigned char)*c))
            *c = '?';
}

void child_release(struct child *child)
{
    close_if_open(child->pid_fd);
    close_if_open(child->exec_error_fd);
    close_if_open(child->stderr_fd);
    if (child->progress)
        munmap(child->progress, sizeof *child->progress);
    unlink_library(child);
    child->pid_fd = child->exec_error_fd = child->stderr_fd = -1;
    child->progress = NULL;
}
