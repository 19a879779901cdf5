/* SPDX-License-Identifier: MIT */
/*
 * Visits every state that a model can reach, nearest first, so that the first violation found has the shortest history.
 *
 * It owns what a model is, for all of them: a set of functions, pure apart from the state or move that they are given,
 * over states that are bytes without padding. It knows nothing about any model. Single-threaded. Below it: the C
 * library.
 */
#ifndef HAK_TESTS_MODEL_EXPLORE_H
#define HAK_TESTS_MODEL_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MOST_AGENTS = 8, /* of any model */
    TEXT_SIZE = 160,
};

struct move {
    void *after;           /* the state that it leads to; its memory is the explorer's */
    const char *violation; /* the rule that this very move breaks, a constant string, or NULL */
    uint8_t agent;
    char text[TEXT_SIZE]; /* what happens; filled in only where moves was asked to explain */
};

/* WORLD is how large a world is searched, BREAKAGE a way to break the protocol, 0 none: both mean what the model says.
 */
struct model {
    size_t state_size; /* a multiple of eight: states are hashed by words of 64 bits */
    size_t most_moves; /* from one state */

    /* The state in which the search begins. */
    void (*begin)(const void *world, void *state);

    /* Writes all moves that are possible in STATE to MOVES, and returns how many. EXPLAIN: fill in their texts. */
    size_t (*moves)(const void *world, unsigned breakage, const void *state, bool explain, struct move *moves);

    /* Makes STATE the one of those that differ in names only. NAMES, unless NULL, has a name for each agent, and is
     * permuted as the agents are. */
    void (*canonical)(void *state, uint8_t *names);

    /* Whether some thread is in the middle of an operation. */
    bool (*is_busy)(const void *world, const void *state);

    /* Where no thread is: the broken rule, or NULL. */
    const char *(*check_rest)(const void *world, unsigned breakage, const void *state);

    /* Writes who does a move to stdout, and STATE, as the rest of one line. */
    void (*print_agent)(uint8_t agent, const uint8_t *names);
    void (*print)(const void *world, const void *state);
};

enum verdict {
    HOLDS, /* every reachable state was visited, no rule is broken */
    VIOLATED,
    TOO_LARGE, /* the limit of states was reached, or memory ran out: nothing is proved */
};

struct outcome {
    enum verdict verdict;
    const char *violation; /* the broken rule, a constant string, or NULL */
    size_t states;         /* visited */
    size_t length;         /* of the history that leads to the violation, in moves */
};

/* Explores WORLD under BREAKAGE. PRINT_HISTORY: writes the violation's history to stdout. */
struct outcome explore(const struct model *model, const void *world, unsigned breakage, bool print_history);

#endif
