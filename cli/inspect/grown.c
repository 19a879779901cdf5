/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See grown.h. */
#include "config.h"

#include "cli/inspect/grown.h"

#include "cli/output/memory.h"

#include <stdlib.h>

static void append(struct grown *list, uint64_t address)
{
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 64;
        list->address = must_have(reallocarray(list->address, list->room, sizeof *list->address));
    }
    list->address[list->count++] = address;
}

/* Turns the members from FIRST on round: they were found the newest first. */
static void reverse(struct grown *list, size_t first)
{
    for (size_t low = first, high = list->count; low + 1 < high; low++) {
        uint64_t address = list->address[low];
        list->address[low] = list->address[--high];
        list->address[high] = address;
    }
}

/* The memory is another's, and may be spoilt: a list that runs in a circle is found by Brent's method (1980). */
void grown_follow(struct grown *list, struct memory *memory, uint64_t head, size_t next)
{
    size_t known = list->count, marked = known, distance = 1;
    uint64_t newest = known ? list->address[known - 1] : 0, member;
    list->is_cut = !memory_read(memory, head, &member, sizeof member);
    while (!list->is_cut && member != 0 && member != newest) {
        size_t here = list->count;
        append(list, member);
        list->is_cut = (here > marked && member == list->address[marked]) || list->count == GROWN_MOST;
        if (here - marked == distance) {
            marked = here;
            distance *= 2;
        }
        list->is_cut = list->is_cut || !memory_read(memory, member + next, &member, sizeof member);
    }
    if (list->is_cut)
        list->count = known; /* the others are found when all are */
    reverse(list, known);
}

void grown_free(struct grown *list)
{
    free(list->address);
    *list = (struct grown){.count = 0};
}
