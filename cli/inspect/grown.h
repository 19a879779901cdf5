/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists in the process that only grow: a new member is put in front, and none is ever removed. So what was found of one
 * is kept, and only new members are followed.
 *
 * One thread at a time. Below: memory. */
#ifndef HAK_INSPECT_GROWN_H
#define HAK_INSPECT_GROWN_H

#include "cli/inspect/memory.h"

struct grown {
    uint64_t *address; /* of its members, the oldest first; malloc'd */
    size_t count, room;
    bool is_cut; /* a link led nowhere, or there are more than GROWN_MOST: members are missing */
};

/* So many heaps have ids, and descriptors fill a terabyte of SuperSlabs. */
#define GROWN_MOST ((size_t)1 << 24)

/* HEAD: where the pointer to the newest member is. NEXT: how far from a member's beginning the pointer to the next
 * older one lies. */
void grown_follow(struct grown *list, struct memory *memory, uint64_t head, size_t next);

void grown_free(struct grown *list);

#endif
