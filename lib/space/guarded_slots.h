/* SPDX-License-Identifier: MIT */
/* The pages of guarded sampling (security.guarded): a region of slots, each a page for one block, with a guard page on
 * both sides that nobody may touch. A free slot's page cannot be touched either, and slots are used again in the order
 * in which they were freed, so a block that is used after its free is found for long. Beside each slot stand, apart
 * from it, the call stacks that have allocated and freed its block. All that has memory behind it is below 1 MiB, and
 * so is its number: where no slot may be used, the caller has to do without.
 *
 * A block lies at the start or at the end of its page, as chance has it, and the rest of the page is filled with a
 * pattern. The pages of the region have an entry of their own in the page map, PAGE_GUARDED, which no thread's key
 * matches; so the fast path of free leaves them to free_slow.
 *
 * Any thread may call anything; what looks at a slot takes no lock, so that a signal handler may. Nothing is waited for
 * while a fork is under way (base/gate.h). Below: page_map, metadata, lock, gate, os. */
#ifndef HAK_SPACE_GUARDED_SLOTS_H
#define HAK_SPACE_GUARDED_SLOTS_H

#include "lib/base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Frames of a stack that are kept, from the innermost on. */
#define GUARDED_FRAMES 32

struct guarded_stack {
    uint32_t thread; /* the kernel's number of it */
    uint32_t depth;
    uintptr_t frames[GUARDED_FRAMES]; /* return addresses, innermost first */
};

enum guarded_state {
    GUARDED_UNUSED,  /* so far */
    GUARDED_TAKEN,   /* its page is being made ready */
    GUARDED_LIVE,    /* its block is the program's */
    GUARDED_FREEING, /* somebody frees it; its page may still be touched */
    GUARDED_FREED,   /* what is known of its block stays until the slot is used again */
    GUARDED_LEFT     /* the same, and a fork has kept it from the free slots */
};

/* Written by who holds the block; by who has made it GUARDED_TAKEN or GUARDED_FREEING otherwise. A report reads it when
 * the program has misused the block, so nobody writes then but by another misuse. */
struct guarded_slot {
    _Atomic uint8_t state; /* enum guarded_state; to GUARDED_LIVE and _FREED by release stores, after all else */
    uint32_t size;         /* bytes that were asked for, at least 1 */
    char *block;           /* NULL before the first one */
    struct guarded_stack allocated, freed;
};

/* Reserves all of it; false where memory is refused, and there are no slots. Once. */
COLD bool guarded_slots_start(void);

/* Whether a block may have a slot now, by the bits of RANDOM: the slots are to last, though blocks may live for ever.
 * Up to half of the blocks that there may be, any may; from there on half as many as before for each 32nd of them, and
 * none where all are in use. */
bool guarded_slots_admit(uint64_t random);

/* A slot for a block, which is the caller's alone, or NULL; during a fork, too. Outside of the gate. */
struct guarded_slot *guarded_slot_take(void);

/* The block of SIZE bytes in SLOT, at a multiple of ALIGNMENT, a power of two; both are from 1 to a page. It lies
 * AT_END of the page or at its start. NULL where the kernel refuses the page: then the slot is given back. */
void *guarded_slot_open(struct guarded_slot *slot, size_t size, size_t alignment, bool at_end);

/* The slot whose page, or a guard page next to it, has ADDRESS: of a guard page's two neighbours the nearer one with a
 * block, or that had one. NULL where there is none. */
struct guarded_slot *guarded_slot_near(const void *address);

/* Whether ADDRESS lies in the page of SLOT itself, and in no guard page. */
bool guarded_slot_has(const struct guarded_slot *slot, const void *address);

/* Makes the live block of SLOT the caller's to free; false where it is not live (any more). */
bool guarded_slot_begin_free(struct guarded_slot *slot);

/* Where the rest of SLOT's page is not as it was left: bytes from the block's start to the first broken one behind the
 * block, or, negative, to the nearest one before it; 0 where all is well. */
ptrdiff_t guarded_slot_broken(const struct guarded_slot *slot);

/* Makes the page one that nobody may touch, after guarded_slot_begin_free. Outside of the gate. */
void guarded_slot_end_free(struct guarded_slot *slot);

static inline enum guarded_state guarded_slot_state(const struct guarded_slot *slot)
{
    return (enum guarded_state)atomic_load_explicit(&slot->state, memory_order_acquire);
}

/* For the statistics, and for observe/root.c; any thread, relaxed. */
struct guarded_counts {
    _Atomic uint64_t taken;       /* blocks since the start */
    _Atomic uint64_t blocks;      /* of them live */
    _Atomic uint64_t block_bytes; /* as they were asked for */
    _Atomic uint64_t page_bytes;  /* of the pages that have memory */
};
extern HIDDEN struct guarded_counts guarded_counts;

/* For fork: the lock of this file. */
void guarded_slots_lock(void);
void guarded_slots_unlock(void);
void guarded_slots_reset_lock(void);

#endif
