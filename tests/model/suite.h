/* SPDX-License-Identifier: MIT */
/*
 * Runs a model in its worlds, and broken in each of its ways, as a test: the protocol as it is must hold in every
 * world, and each breakage must be found, so that one sees that the search looks. A world is a result in TAP, with the
 * number of states.
 *
 *   PROGRAM                  everything but the large worlds, as make check does
 *   PROGRAM --large          the protocol in the large worlds too
 *   PROGRAM --break NAME     the history of the shortest violation under that breakage ("nothing" is the protocol
 *                            itself)
 *
 * Exit status 0: all as expected, 1: not, 2: bad usage. Below it: explore.h, harness/tap.h.
 */
#ifndef HAK_TESTS_MODEL_SUITE_H
#define HAK_TESTS_MODEL_SUITE_H

#include "tests/model/explore.h"

struct world {
    const char *name;
    const void *configuration;
};

/* A way to break the protocol; one that turns out to be harmless is expected to hold. */
struct broken {
    const char *name;
    size_t world; /* the smallest that shows it */
    enum verdict expected;
};

struct suite {
    const char *program;
    const struct model *model;
    const struct world *worlds; /* the small ones first */
    size_t small_worlds, count;
    const struct broken *broken; /* the first is the protocol itself, which is run in all worlds */
    size_t breakages;
};

int suite_main(const struct suite *suite, int argc, char **argv);

/* The main function of a test whose tables are called `model`, `worlds` and `breakages`, with WORLDS, SMALL_WORLDS and
 * BREAKAGES of them. */
#define SUITE_MAIN(name)                                          \
    int main(int argc, char **argv)                               \
    {                                                             \
        const struct suite suite = {.program = (name),            \
                                    .model = &model,              \
                                    .worlds = worlds,             \
                                    .small_worlds = SMALL_WORLDS, \
                                    .count = WORLDS,              \
                                    .broken = breakages,          \
                                    .breakages = BREAKAGES};      \
        return suite_main(&suite, argc, argv);                    \
    }

#endif
