/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at a process, one after the other: what its heap is like now, and what has happened since the look before.
 *
 * One thread at a time. Below: snapshot, threads, resident. */
#ifndef HAK_INSPECT_LOOK_H
#define HAK_INSPECT_LOOK_H

#include "cli/inspect/resident.h"
#include "cli/inspect/snapshot.h"
#include "cli/inspect/threads.h"

struct look {
    struct snapshot now, before;
    bool has_before;
    double seconds; /* between the two */
    struct resident resident;
    /* What is kept for the next look. */
    struct snapshot_lists lists;
    struct threads threads;
    double resident_time, resident_cost; /* when the kernel was asked last, and how many seconds that took */
};

/* Zeroed at first. False: the process cannot be looked at any more, and MESSAGE says why; then `now` is the look
 * before, if there was one. */
bool look_take(struct look *look, struct target *target, char *message, size_t size);

void look_free(struct look *look);

/* The heap that `now` has as number INDEX, as it was in the look before; NULL: there was none, or it was not there. */
const struct snapshot_heap *look_heap_before(const struct look *look, size_t index);

/* How much a count has grown for each second since the look before; NAN: there was none. */
double look_rate(const struct look *look, uint64_t now, uint64_t before);

#endif
