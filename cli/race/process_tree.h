/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processes of one contender, found through /proc: its first process, what that started, and what was orphaned on
 * the way.
 *
 * The calling process must be a child subreaper (PR_SET_CHILD_SUBREAPER), so that whatever loses its parent becomes its
 * child instead of init's. An orphan that was never seen with its parents belongs to the contender that is allowed to
 * run at the moment: all others are stopped and cannot have started it. Of several trees of that contender it is the
 * one whose root leads the orphan's session, else the one that is refreshed first. So a tree is refreshed only while
 * its contender runs, or has just been stopped, and no other runs.
 *
 * One thread at a time; below is /proc alone. */
#ifndef HAK_RACE_PROCESS_TREE_H
#define HAK_RACE_PROCESS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One process as /proc/PID/stat shows it. */
struct process {
    pid_t pid;
    pid_t parent;
    pid_t group;
    pid_t session;
    char state; /* of its main thread: R S D T t Z X ... */
    unsigned threads;
    uint64_t start_time; /* clock ticks after boot: with pid, the process's identity, since pids are used again */
    uint64_t resident;   /* bytes; pages that several processes share are counted in each of them */
    /* Where its stack begins, which exec draws at random and fork copies: processes that have it in common are copies
     * of one. 0: not told. */
    uint64_t start_stack;
};

struct rusage;

/* What ended processes used, as wait4() tells it. */
struct process_usage {
    uint64_t cpu_ns; /* user and system time */
    uint64_t minor_faults, major_faults;
    uint64_t voluntary_switches, involuntary_switches;
};

void process_usage_add(struct process_usage *sum, const struct rusage *usage);

struct process_family;

/* A tree of processes. Fields are the tree's own; read them freely. */
struct process_tree {
    struct process_family *family; /* const: all trees of the race */
    pid_t root;                    /* const: the first process, a child of ours; also its process group */
    uint64_t root_start;           /* const: its start_time; its pid may be another member's once it has ended */
    struct process *list;          /* members alive (or dead and not yet waited for) at the last refresh */
    size_t count;
    size_t capacity;
    struct process_usage usage; /* of the orphans that were waited for here, and of what they had waited for */
    uint64_t max_resident;      /* the largest single orphan's ru_maxrss, bytes */
};

/* All trees of a race, and the children that this process had before it, which are nobody's. */
struct process_family {
    struct process_tree **trees;
    size_t tree_count;
    pid_t *strangers;
    size_t stranger_count;
};

/* Reads the start of a small file under /proc into BUFFER as a string. Returns its length, or -1. */
ssize_t process_read_file(const char *path, char *buffer, size_t size);

/* Reads PID's state. Returns 0, or -1 when there is no such process (any more). */
int process_read(pid_t pid, struct process *process);

/* Lists all processes into a malloc'd array (caller frees; NULL when /proc cannot be read). */
size_t process_list(pid_t **all);

/* The high-water mark of PID's resident memory (VmHWM) in bytes since its last exec; 0 when not known. */
uint64_t process_peak_resident(pid_t pid);

/* Lists the children of PID into a malloc'd array (caller frees; NULL when there are none). Children of a process that
 * runs, or that memory does not suffice for, may be missed. The first reads /proc/PID/task/TID/children; where the
 * kernel has no such file it falls back on the second, which looks through all of /proc. */
size_t process_children(pid_t pid, pid_t **children);
size_t process_children_by_scan(pid_t pid, pid_t **children);

/* True when PROCESS executes nothing: every thread is stopped, dead, or sleeps uninterruptibly with the stop signal
 * pending. (The parent of a vfork sleeps so until its child execs, which it may do only after our next SIGCONT.) */
bool process_is_quiet(const struct process *process);

/* Notes the children that this process has now as strangers. */
void process_family_init(struct process_family *family);
void process_family_release(struct process_family *family);

/* Adds a tree with ROOT, a child of this process, to FAMILY; TREE must stay in place. Returns 0, or -1 with errno
 * ENOMEM; then it can still be refreshed and released. One that has been released may be used again. */
int process_tree_init(struct process_tree *tree, struct process_family *family, pid_t root);
void process_tree_release(struct process_tree *tree);

/* Looks again: drops members that are gone, waits for dead orphans, adds new members. Returns how many processes were
 * seen for the first time, or -1 with errno ENOMEM. As long as there are any there may be more. */
int process_tree_refresh(struct process_tree *tree);

/* Looks at the members alone, which is quicker: what has ended has nothing resident, what is new is not seen. */
void process_tree_reread(struct process_tree *tree);

/* Sum of the members' resident memory at the last look, bytes. */
uint64_t process_tree_resident(const struct process_tree *tree);

#endif
