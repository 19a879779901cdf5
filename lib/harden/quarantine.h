/* SPDX-License-Identifier: MIT */
/* Quarantine (security.quarantine): a small block that was freed waits before it can be handed out again. For each
 * class there is an array of blocks that wait. One that is freed takes the place of another one in it, drawn at random,
 * which goes on its way; while there is room, none does. So a block comes back late, and nobody can tell when.
 *
 * An array has room for security.quarantine bytes of blocks, and for QUARANTINE_MOST of them at most; blocks that are
 * longer than that in all have none, and do not wait. Each thread cache has a quarantine of its own
 * (thread/cache_quarantine.h), whose holder alone changes it. Below: size_class, space/metadata, base/secret. */
#ifndef HAK_HARDEN_QUARANTINE_H
#define HAK_HARDEN_QUARANTINE_H

#include "lib/base/splitmix.h"
#include "lib/heap/size_class.h"

#include <stdatomic.h>
#include <stdint.h>

#define QUARANTINE_MOST 1024u

struct quarantine {
    uint64_t random;                          /* holder: state of the draws */
    _Atomic uint32_t count[SIZE_CLASSES_MAX]; /* holder writes, others read (relaxed): blocks of the class that wait */
    uint32_t place[SIZE_CLASSES_MAX];         /* holder: whose turn it is to come out next, if the array is full */
    void *blocks[];                           /* holder: the arrays, one behind the other */
};

/* Const after quarantine_start: the room of the array of a class, and where it begins. */
extern HIDDEN uint32_t quarantine_room[SIZE_CLASSES_MAX], quarantine_begin[SIZE_CLASSES_MAX];

/* After size_class_start. */
COLD void quarantine_start(void);

/* An empty one; NULL if memory is refused. */
COLD struct quarantine *quarantine_new(void);

/* How many blocks of CLASS wait; any thread, inexact while they change. */
static inline uint32_t quarantine_count(const struct quarantine *quarantine, unsigned class)
{
    return atomic_load_explicit(&quarantine->count[class], memory_order_relaxed);
}

/* A place in the array of CLASS, at random. */
static inline uint32_t quarantine_draw(struct quarantine *quarantine, unsigned class)
{
    return splitmix_below(&quarantine->random, quarantine_room[class]);
}

/* BLOCK of CLASS waits from now on; returns the one that does no more, or NULL. The next one is drawn here, so that it
 * is in the processor's caches by then: nobody may have touched it for long. */
static inline void *quarantine_swap(struct quarantine *quarantine, unsigned class, void *block)
{
    uint32_t count = quarantine_count(quarantine, class), room = quarantine_room[class];
    void **blocks = quarantine->blocks + quarantine_begin[class];
    if (UNLIKELY(count < room)) {
        blocks[count] = block;
        atomic_store_explicit(&quarantine->count[class], count + 1, memory_order_relaxed);
        return NULL;
    }
    if (UNLIKELY(room == 0))
        return block;
    uint32_t place = quarantine->place[class];
    void *out = blocks[place];
    blocks[place] = block;
    place = quarantine_draw(quarantine, class);
    quarantine->place[class] = place;
    __builtin_prefetch(blocks[place]);
    return out;
}

/* Takes one block of CLASS out; NULL where none is left. */
static inline void *quarantine_take(struct quarantine *quarantine, unsigned class)
{
    uint32_t count = quarantine_count(quarantine, class);
    if (count == 0)
        return NULL;
    atomic_store_explicit(&quarantine->count[class], count - 1, memory_order_relaxed);
    return quarantine->blocks[quarantine_begin[class] + count - 1];
}

#endif
