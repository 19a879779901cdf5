/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which allocator the processes of a contender really have: LD_PRELOAD does nothing to a static program, a set-user-id
 * one, one of another word size or one whose environment was cleared, and little to a program that brings its own
 * malloc.
 *
 * Each look at a tree that stands still notes for every process what it is and how much processor time it has used;
 * most of that decides. One thread at a time. Below: process_tree and /proc. */
#ifndef HAK_RACE_ALLOCATOR_H
#define HAK_RACE_ALLOCATOR_H

#include "cli/race/process_tree.h"
#include "cli/subject/launch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ALLOCATOR_TEXT 96

enum allocator_verdict {
    ALLOCATOR_NOT_KNOWN, /* it has not been seen often enough */
    ALLOCATOR_EXPECTED,
    ALLOCATOR_OTHER /* `why` says which, or why the library is not in it */
};

/* Why a process has not what it should have. */
enum allocator_reason {
    ALLOCATOR_REASON_NOT_KNOWN,
    ALLOCATOR_STATIC,
    ALLOCATOR_SET_USER_ID,
    ALLOCATOR_OTHER_CLASS,    /* another word size */
    ALLOCATOR_OWN,            /* the program brings its own malloc */
    ALLOCATOR_PRELOADED,      /* another library is in front */
    ALLOCATOR_CLEARED,        /* something clears LD_PRELOAD */
    ALLOCATOR_LACKS_SETTINGS, /* something clears the variables that set it */
};

/* A program that was seen to run as a process. */
struct allocator_process {
    pid_t pid;
    uint64_t start_time;
    dev_t device; /* with inode: the program, which exec changes */
    ino_t inode;
    unsigned looks;
    uint64_t used_ns; /* processor time since its start, as far as it was seen; less what programs before it used */
    uint64_t before_ns;
    uint64_t examined_ns; /* what it had used when it was examined last */
    enum allocator_verdict verdict;
    enum allocator_reason reason; /* ALLOCATOR_OTHER: `why` says it for people */
    char program[256];            /* its path, as far as there is room */
    char why[ALLOCATOR_TEXT];
};

/* Zeroed: nothing has been seen. */
struct allocator_watch {
    struct allocator_process *list; /* malloc'd */
    size_t count, capacity;
};

/* Notes what TREE's processes are. LAUNCH is what they should have: a library to preload, or NULL for the C library's
 * malloc, and variables. */
void allocator_watch_look(struct allocator_watch *watch, const struct process_tree *tree, const struct launch *launch);
void allocator_watch_release(struct allocator_watch *watch);

/* What did most of the work that was seen; NULL: nothing is known. */
const struct allocator_process *allocator_watch_main(const struct allocator_watch *watch);

/* Processor time of all that was seen. */
uint64_t allocator_watch_used(const struct allocator_watch *watch);

/* The program that process PID has become by exec after it had been another one; NULL: it was seen as one alone. */
const struct allocator_process *allocator_watch_became(const struct allocator_watch *watch, pid_t pid);

/* Why a library cannot be preloaded into the program at PATH, for people, and *REASON; NULL where it can, or where that
 * is not known before it runs. */
const char *allocator_refusal(const char *path, enum allocator_reason *reason);

/* Which allocator the process PID has, for people: "jemalloc 5.3.0", "malloc of emacs", "the C library's malloc". */
void allocator_describe(pid_t pid, char *text, size_t size);

#endif
