/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which thread has which heap. A heap tells pthread_self() of its thread: the address of what the C library keeps of
 * it, its id among that. Where in that the id lies is not for others to know, so it is looked for: at the place where
 * the most threads have one each.
 *
 * One thread at a time. Below: snapshot. */
#ifndef HAK_INSPECT_THREADS_H
#define HAK_INSPECT_THREADS_H

#include "cli/inspect/snapshot.h"

struct thread {
    pid_t id;     /* as this program sees it */
    pid_t own_id; /* as the process does, whose PID namespace may be another */
    char name[32];
};

/* What is known from one snapshot to the next. Zeroed at first. */
struct threads {
    struct thread *list; /* by id; malloc'd */
    size_t count;
};

/* Finds the threads of SNAPSHOT's heaps, as far as they can be told. */
void threads_find(struct threads *threads, struct snapshot *snapshot, struct target *target);
void threads_free(struct threads *threads);

#endif
