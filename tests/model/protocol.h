/* SPDX-License-Identifier: MIT */
/*
 * The remote-free protocol as a finite state machine, one move for each atomic operation.
 *
 * It owns what a state of the modelled allocator is, which moves lead on from it and which rules hold in every state.
 * It knows nothing about searching: explore.h visits the states, by protocol_model. All functions are pure apart from
 * the state or move that they are given.
 *
 * The modelled protocol, for one slab:
 *   free from outside    fetch_or the objects into the slab's remote words; old = fetch_add(remote_count, objects in
 * the batch), the signature. Who finds old == 0 announces the slab: pushes it onto the pending list of slab->heap and
 * then, without touching the slab, looks whether that heap is idle. If so it locks the registry, looks again and
 * collects for it. collect              exchange(pending, NULL); of each slab: read pending_next first. If it belongs
 * to another heap by now, push it there and look whether that heap is idle, as above. Else c = exchange(remote_count,
 * 0), then exchange each word; owed += bits - c: how many objects came back whose freers have not signed yet. release
 * only when all objects are back and owed == 0, by who may collect. idle, takeover, adoption   under the registry lock;
 * see the comments in protocol.c.
 *
 * Freers are interchangeable, so that canonical form sorts them: the search visits one state of each symmetric set.
 *
 * Not in the model: weak memory. It is sequentially consistent, which the C code is as far as the protocol can tell if
 *   - fetch_or releases and the exchange of a word acquires: what the freer wrote into the object is over before its
 * next user writes;
 *   - fetch_add and the exchange of remote_count are acq_rel: a signature carries its marks with it; and who finds 0
 * writes pending_next after the collector has read it;
 *   - the compare-and-swap and the exchange of heap->pending are acq_rel, the swap's success no less than that: a push
 * after the last collecting of a thread that ends reads from it, be it through other pushes, and so sees the idle flag
 * that was set before. Nor is a freer's own role as the thread of a heap: it must not flush its remote frees while it
 * holds the registry lock.
 */
#ifndef HAK_TESTS_MODEL_PROTOCOL_H
#define HAK_TESTS_MODEL_PROTOCOL_H

#include "tests/model/explore.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MAX_HEAPS = 3,  /* three let a slab be passed on twice */
    MAX_SLABS = 2,  /* two are enough for a list to be torn */
    MAX_FREERS = 3, /* one that announces, one that signs before it, one after */
    MAX_AGENTS = MAX_FREERS + MAX_HEAPS,
    MAX_OBJECTS = 4,      /* in a slab */
    OBJECTS_PER_WORD = 2, /* so that a slab has two remote words, and a word may hold the objects of two batches */
    MAX_MOVES = 160,      /* from one state: 3 freers x 2 slabs x 15 sets of objects, and what owners may begin */
};

/* Ways to break the protocol, each of which the search must see as a violation (but see BREAK_ADOPT_UNCOLLECTED). */
enum breakage {
    BREAK_NOTHING,
    BREAK_RELEASE_BY_BITS,     /* an empty slab is released though some freers have not signed */
    BREAK_TOUCH_AFTER_SIGNING, /* a freer that need not announce still reads slab->heap after its signature */
    BREAK_TOUCH_AFTER_PUSH,    /* the announcer reads slab->heap once more to learn whose idle flag to look at */
    BREAK_NO_IDLE_CHECK,       /* the announcer goes away after its push */
    BREAK_NO_IDLE_RECHECK,     /* with the lock held, the idle flag is not looked at again */
    BREAK_NO_FORWARD,          /* a slab of another heap has its signatures cleared and is dropped from the list */
    BREAK_COLLECT_FOREIGN,     /* a slab of another heap is collected like an own one */
    BREAK_FORWARD_UNCHECKED,   /* a slab is passed on without a look at the other heap's idle flag */
    BREAK_BITS_BEFORE_COUNT,   /* the words are taken before the signatures */
    BREAK_NEXT_READ_LATE,      /* pending_next is read when the slab is dealt with */
    BREAK_IDLE_SET_LATE,       /* a thread that ends collects first and declares its heap idle afterwards */
    BREAK_ALWAYS_ANNOUNCE,     /* every freer announces, whatever the count was */
    BREAK_ADOPT_UNCOLLECTED,   /* adoption without collecting first: harmless, as the search shows */
    BREAKAGES
};

/* How large a world is searched. Budgets count over the whole run. */
struct configuration {
    const char *name;
    uint8_t heaps, slabs, freers;
    uint8_t objects;         /* mask of the objects that a slab has */
    uint8_t batches;         /* that each freer frees */
    uint8_t home[MAX_SLABS]; /* the heap (from 1) that owns each slab at first, with all of its objects in use */
    uint8_t idle;            /* mask of the heaps that no thread holds at first; bit 0 is heap 1 */
    uint8_t allocations, local_frees, reuses, ends, takeovers, adoptions;
};

struct slab {
    uint8_t heap;   /* atomic: the owner, 0 when released */
    uint8_t local;  /* owner only: objects that are free */
    int8_t owed;    /* owner only: objects that came back without a signature so far */
    uint8_t remote; /* atomic words: objects freed from outside */
    uint8_t count;  /* atomic: signatures */
    uint8_t pending_next;
    uint8_t in_use; /* ghost: objects that the program holds */
    uint8_t listed; /* ghost: in somebody's list */
};

struct heap {
    uint8_t pending; /* atomic: first slab of the list, 0 when empty */
    uint8_t idle;    /* atomic */
};

/* A thread: its program counter and its registers. Registers that are not needed any more are 0, so that equal states
 * compare equal. */
struct agent {
    uint8_t step;
    uint8_t slab;             /* the slab in hand */
    uint8_t objects;          /* of the batch: still to be marked */
    uint8_t batch;            /* of the batch: how many */
    uint8_t heap;             /* of the list that is pushed to */
    uint8_t head;             /* what was read as that list's head */
    uint8_t collected;        /* the heap that is being collected */
    uint8_t list;             /* what is left of the list taken from it */
    uint8_t signatures, bits; /* taken from the slab in hand */
    uint8_t look_after;       /* mask of the heaps that were seen idle and have to be collected under the lock */
    uint8_t errand;           /* what the lock is wanted for */
    uint8_t from;             /* adoption: the idle heap */
    uint8_t holds_lock;
    uint8_t stale;   /* ghost: the slab in hand was released meanwhile */
    uint8_t batches; /* a freer's: still to be freed */
};

struct state {
    struct slab slabs[MAX_SLABS];
    struct heap heaps[MAX_HEAPS];
    struct agent agents[MAX_AGENTS]; /* freers first, then the thread of each heap */
    uint8_t locked;
    uint8_t allocations, local_frees, reuses, ends, takeovers, adoptions;
    uint8_t unused[3]; /* makes the size a multiple of eight */
};
_Static_assert(sizeof(struct state) % sizeof(uint64_t) == 0, "states are hashed by words of 64 bits");

/* The state in which the search begins. */
void protocol_begin(const struct configuration *configuration, struct state *state);

/* Writes all moves that are possible in STATE to MOVES, and returns how many. EXPLAIN: fill in their texts. */
size_t protocol_moves(const struct configuration *configuration, enum breakage breakage, const struct state *state,
                      bool explain, struct move moves[MAX_MOVES]);

/* Sorts the interchangeable agents of STATE; NAMES, unless NULL, is permuted likewise. */
void protocol_canonical(struct state *state, uint8_t names[MAX_AGENTS]);

/* Where all threads rest: lets each heap's owner collect once more and checks that nothing is lost. Returns the broken
 * rule, or NULL. */
const char *protocol_check_rest(const struct configuration *configuration, enum breakage breakage,
                                const struct state *state);

/* Whether some thread is in the middle of an operation. */
bool protocol_is_busy(const struct state *state);

/* Writes STATE to stdout. */
void protocol_print(const struct configuration *configuration, const struct state *state);

/* All of these for the explorer; the worlds are struct configuration, the breakages enum breakage. */
extern const struct model protocol_model;

#endif
