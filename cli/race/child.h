/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One contender's process: started with its allocator and its settings, stopped before it has executed anything of its
 * own, waited for.
 *
 * The child is the leader of its own session and process group (so that a terminal's Ctrl-C reaches the tuner alone,
 * and one kill() reaches all of it), reads a file or /dev/null, and dies with the thread that started it. Only the
 * child sees LD_PRELOAD and the variables of its launch. One thread at a time, and all calls from the thread that
 * started the child. Below: process_tree, control_group, cli/subject/launch, cli/output/scratch and the kernel. */
#ifndef HAK_RACE_CHILD_H
#define HAK_RACE_CHILD_H

#include "bench/progress.h"
#include "cli/output/scratch.h"
#include "cli/race/control_group.h"
#include "cli/race/process_tree.h"
#include "cli/subject/launch.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How a child is to be started. Strings belong to the caller; they are not needed after child_start(). */
struct child_settings {
    char *const *argv;    /* NULL-terminated; argv[0] is looked up in PATH when it holds no slash */
    struct launch launch; /* its library is put before the LD_PRELOAD that is there */
    /* further NAME=VALUE of its environment, but those of its launch, NULL at the end; or NULL */
    const char *const *assignments;
    const char *directory;        /* where it works; NULL: where this process does */
    int network_fd;               /* of the network namespace that it is in; 0: this process's */
    const char *stdin_path;       /* NULL: /dev/null */
    uint64_t seed;                /* HAKMEM_SEED */
    bool publishes;               /* give it a progress page */
    bool wants_latency;           /* and ask there for the latency of its calls */
    bool collect_output;          /* collect stdout with stderr */
    bool show_output;             /* leave stdout and stderr as they are */
    unsigned long timer_slack_ns; /* for its timers, whatever this process has set for itself */
};

enum child_state { CHILD_RUNNING, CHILD_STOPPED, CHILD_EXITED };

struct child {
    pid_t pid;
    char program[64];                /* argv[0], or its beginning */
    int pid_fd;                      /* readable when the process has ended */
    int exec_error_fd;               /* closed at its other end by a successful exec; gets an errno when exec fails */
    bool executed;                   /* the first has been seen */
    int exec_error;                  /* the second has been seen: errno, else 0 */
    int stderr_fd;                   /* memory file that collects stderr (and stdout, where asked for), or -1 */
    struct bench_progress *progress; /* shared page, or NULL */
    struct scratch *link; /* holds a symbolic link to the library where its own path cannot be written in LD_PRELOAD, or
                             NULL */
    uint64_t resident_at_exec; /* bytes that the fork of this process had resident, at most: ru_maxrss starts from it */
    uint64_t on_processor_ns;  /* since its start: time for which its main thread executed, at the last
                                  child_update_times() */
    uint64_t waited_ns;        /* likewise: ready to run, but waiting for a processor */
    long sleeps; /* times that it gave up its processor (a stop is one), at the last stop or end that was told */
    bool exited;
    bool is_waited_for;          /* once exited: what follows is known */
    int status;                  /* as wait() gives it */
    struct process_usage before; /* by its first stop: of this process's copy, not of the program */
    struct process_usage usage;  /* once exited: of it and of what it waited for */
    uint64_t max_resident;       /* once exited: ru_maxrss in bytes; 0 when that may still be resident_at_exec */
};

/* Starts a child, which is stopped just before exec when this returns; in CONTROL_GROUP where the kernel can do that.
 * Returns 0, or -1 with errno (fork, memory, descriptors), nothing started. */
int child_start(struct child *child, const struct child_settings *settings, const struct control_group *control_group);

/* Looks without blocking. CHILD_STOPPED is told once for each stop, when all threads stand still; CHILD_EXITED is told
 * for ever. */
enum child_state child_poll(struct child *child);

/* Reads on_processor_ns and waited_ns; unchanged where the kernel does not tell. Call it before the child_poll() that
 * notices the end. */
void child_update_times(struct child *child);

/* True once the program that was asked for is what runs. */
bool child_has_executed(struct child *child);

/* The errno with which exec failed; 0 as long as it has not. */
int child_exec_error(struct child *child);

/* Keeps the collected stderr from growing: all but its last few KiB is given back. Call it while the child is stopped.
 */
void child_trim_stderr(struct child *child);

/* Copies the last line with anything on it that was written to stderr into LINE, unprintable characters as '?'; empty
 * when there is none. */
void child_last_error_line(const struct child *child, char *line, size_t size);

/* Gives back everything but the process, which must have exited (or never have been started: then it does nothing). */
void child_release(struct child *child);

#endif
