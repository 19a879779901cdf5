/* SPDX-License-Identifier: MIT */
/*
 * Visits every state that the remote-free protocol can reach, nearest first, so that the first violation found has the
 * shortest history. Single-threaded. Below it: protocol.h.
 */
#ifndef HAK_TESTS_MODEL_EXPLORE_H
#define HAK_TESTS_MODEL_EXPLORE_H

#include "tests/model/protocol.h"

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

/* Explores CONFIGURATION under a protocol that is broken by BREAKAGE. PRINT_HISTORY: writes the violation's history to
 * stdout. */
struct outcome explore(const struct configuration *configuration, enum breakage breakage, bool print_history);

#endif
