/* SPDX-License-Identifier: MIT */
/*
 * A few bytes of memory as threads see them by the rules of C11: a load need not see the newest store, but for what it
 * synchronizes with. Each place has the list of its stores, and each thread a view: the oldest store of each place that
 * it may still read. A release hands the view on with the store, an acquire takes it over. (J. Kang and others: A
 * Promising Semantics for Relaxed-Memory Concurrency, POPL 2017, without the promises.)
 *
 * Stronger than C11 in this: a store is the newest of its place when it is made, and no load sees a store that is yet
 * to be made. So a protocol that fails here is wrong; one that holds might be wrong on a processor that reorders a load
 * with a later store.
 *
 * A state of a model of this kind begins with its struct weak_memory. Single-threaded. Below it: explore.h.
 */
#ifndef HAK_TESTS_MODEL_WEAK_H
#define HAK_TESTS_MODEL_WEAK_H

#include "tests/model/explore.h"

enum {
    WEAK_LOADED = 5, /* places that threads load */
    WEAK_EXACT = 7,  /* those behind them, which nobody loads, so that of their stores the newest is enough: what is no
                        atomic, is a lock, or is only ever exchanged */
    WEAK_PLACES = WEAK_LOADED + WEAK_EXACT,
    WEAK_DEPTH = 8, /* stores of one place that some thread may still load; more end the search as a violation */
    WEAK_THREADS = 4,
};

enum order { RELAXED, ACQUIRE, RELEASE, ACQ_REL, SEQ_CST };

struct weak_view {
    uint8_t at[WEAK_PLACES];
};

struct weak_store {
    uint8_t value;
    struct weak_view view; /* what who acquires it has seen */
};

struct weak_memory {
    struct weak_store stores[WEAK_LOADED][WEAK_DEPTH]; /* oldest first */
    struct weak_store only[WEAK_EXACT];                /* the newest; number 0 if all threads have seen it, else 1 */
    uint8_t newest[WEAK_PLACES];                       /* its number */
    struct weak_view sequential;                       /* the newest sequentially consistent stores */
    struct {
        struct weak_view now, at_fence, unfenced; /* seen; before its last release fence; after an acquire fence */
    } threads[WEAK_THREADS];
};

/* A move that is being made, of one thread. */
struct act {
    const void *world;
    unsigned breakage;
    bool explain;
    uint8_t loads[WEAK_THREADS]; /* masks of the places that each thread ever loads; 0: all */
    uint8_t thread;
    unsigned choice; /* where a move has several outcomes: which */
    struct move *move;
};

/* The memory of the state that it leads to. */
struct weak_memory *act_memory(const struct act *act);

/* Says what happens, where the explorer wants to know. */
__attribute__((format(printf, 2, 3))) void act_explain(const struct act *act, const char *format, ...);

/* Notes that the move breaks RULE, a constant string; the first one counts. */
void act_violate(const struct act *act, const char *rule);

/* Makes all moves of the first THREADS threads: STEP makes one in act->move->after, which is a copy of STATE; it
 * returns false where there is none with this number, and then none with a higher one. */
size_t act_all(const struct act *common, const void *state, size_t state_size, uint8_t threads,
               bool (*step)(struct act *act), struct move *moves, size_t most_moves);

/* ---- atomic operations ---- */

/* Reads the act->choice-th newest store that the thread may see; false where there is none. */
bool weak_load(const struct act *act, unsigned place, enum order order, uint8_t *value);

/* The same of those stores that have VALUE: to wait for one. */
bool weak_await(const struct act *act, unsigned place, enum order order, uint8_t value);

void weak_store(const struct act *act, unsigned place, enum order order, uint8_t value);

/* Before the first move: what PLACE begins with, where that is not 0. */
void weak_begin(struct weak_memory *memory, unsigned place, uint8_t value);

/* The newest value of PLACE. */
uint8_t weak_value(const struct weak_memory *memory, unsigned place);

/* The value that an exchange or another modification would find: always the newest. */
uint8_t weak_newest(const struct act *act, unsigned place);

/* Reads the newest store and writes VALUE behind it, undivided. Returns what it read. */
uint8_t weak_exchange(const struct act *act, unsigned place, enum order order, uint8_t value);

void weak_fence(const struct act *act, enum order order);

/* ---- what is no atomic ---- */

/* Both note a violation, a data race, where another thread's last write has not happened before. */
uint8_t weak_read(const struct act *act, unsigned place);
void weak_write(const struct act *act, unsigned place, uint8_t value);

/* ---- locks: places that are 0 while nobody holds them ---- */

/* False while somebody holds it. */
bool weak_lock(const struct act *act, unsigned place);
void weak_unlock(const struct act *act, unsigned place);

/* The thread does nothing any more, so that nothing is kept for it to see. */
void weak_end(const struct act *act);

#endif
