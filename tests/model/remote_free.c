/* SPDX-License-Identifier: MIT */
/*
 * Checks the remote-free protocol exhaustively in small worlds, and that the check can fail: each way to break the
 * protocol must be found.
 *
 *   remote_free                  everything but the large worlds, as make check does
 *   remote_free --large          the protocol in the large worlds too (less than a minute, 300 MiB)
 *   remote_free --break NAME     the history of the shortest violation under that breakage ("nothing" is the protocol
 * itself)
 *
 * A world is a result in TAP. Exit status 0: all as expected, 1: not, 2: bad usage. Below it: explore.h, harness/tap.h.
 */
#include "tests/harness/tap.h"
#include "tests/model/explore.h"

#include <stdio.h>
#include <string.h>

enum { TWO_WORDS = 0x5, THREE_OBJECTS = 0x7, FOUR_OBJECTS = 0xf };

enum world { WORLD_REUSE, WORLD_LIFE, WORLD_TWO_SLABS, WORLD_THREE_FREERS, WORLD_THREE_HEAPS, SMALL_WORLDS };

static const struct configuration worlds[] = {
    [WORLD_REUSE] = {.name = "reuse",
                     .heaps = 2,
                     .slabs = 1,
                     .freers = 2,
                     .objects = TWO_WORDS,
                     .batches = 2,
                     .home = {1},
                     .reuses = 2,
                     .allocations = 1,
                     .local_frees = 1},
    [WORLD_LIFE] = {.name = "life of heaps",
                    .heaps = 2,
                    .slabs = 1,
                    .freers = 2,
                    .objects = TWO_WORDS,
                    .batches = 2,
                    .home = {1},
                    .reuses = 1,
                    .ends = 2,
                    .takeovers = 1,
                    .adoptions = 1},
    [WORLD_TWO_SLABS] = {.name = "two slabs",
                         .heaps = 2,
                         .slabs = 2,
                         .freers = 3,
                         .objects = TWO_WORDS,
                         .batches = 1,
                         .home = {1, 1},
                         .adoptions = 1,
                         .ends = 1},
    [WORLD_THREE_FREERS] = {.name = "three freers",
                            .heaps = 2,
                            .slabs = 1,
                            .freers = 3,
                            .objects = THREE_OBJECTS,
                            .batches = 1,
                            .home = {1},
                            .reuses = 1,
                            .allocations = 1,
                            .ends = 1,
                            .adoptions = 1},
    [WORLD_THREE_HEAPS] = {.name = "three heaps",
                           .heaps = 3,
                           .slabs = 1,
                           .freers = 2,
                           .objects = TWO_WORDS,
                           .batches = 1,
                           .home = {1},
                           .idle = 0x1,
                           .ends = 2,
                           .takeovers = 1,
                           .adoptions = 2},
    /* From here on: large. */
    {.name = "long reuse",
     .heaps = 2,
     .slabs = 1,
     .freers = 3,
     .objects = THREE_OBJECTS,
     .batches = 2,
     .home = {1},
     .reuses = 1,
     .allocations = 1},
    {.name = "four objects",
     .heaps = 2,
     .slabs = 1,
     .freers = 3,
     .objects = FOUR_OBJECTS,
     .batches = 2,
     .home = {1},
     .ends = 1},
    {.name = "long life",
     .heaps = 2,
     .slabs = 1,
     .freers = 2,
     .objects = TWO_WORDS,
     .batches = 2,
     .home = {1},
     .reuses = 1,
     .ends = 3,
     .takeovers = 2,
     .adoptions = 2},
    {.name = "life with local",
     .heaps = 2,
     .slabs = 1,
     .freers = 2,
     .objects = TWO_WORDS,
     .batches = 2,
     .home = {1},
     .reuses = 1,
     .ends = 1,
     .takeovers = 1,
     .adoptions = 1,
     .allocations = 2,
     .local_frees = 1},
    {.name = "slabs reused",
     .heaps = 2,
     .slabs = 2,
     .freers = 2,
     .objects = TWO_WORDS,
     .batches = 2,
     .home = {1, 2},
     .reuses = 1,
     .ends = 1,
     .adoptions = 1},
    {.name = "passed on twice",
     .heaps = 3,
     .slabs = 1,
     .freers = 2,
     .objects = TWO_WORDS,
     .batches = 2,
     .home = {1},
     .idle = 0x1,
     .ends = 2,
     .takeovers = 2,
     .adoptions = 2},
};
enum { WORLDS = sizeof worlds / sizeof *worlds };

/* Each breakage, the smallest world that shows it, and what is to be seen there. The unbroken protocol has to hold in
 * every world. */
static const struct {
    const char *name;
    enum world world;
    enum verdict expected;
} breakages[BREAKAGES] = {
    [BREAK_NOTHING] = {"nothing", SMALL_WORLDS, HOLDS},
    [BREAK_RELEASE_BY_BITS] = {"release-by-bits", WORLD_REUSE, VIOLATED},
    [BREAK_TOUCH_AFTER_SIGNING] = {"touch-after-signing", WORLD_REUSE, VIOLATED},
    [BREAK_TOUCH_AFTER_PUSH] = {"touch-after-push", WORLD_REUSE, VIOLATED},
    [BREAK_NO_IDLE_CHECK] = {"no-idle-check", WORLD_LIFE, VIOLATED},
    [BREAK_NO_IDLE_RECHECK] = {"no-idle-recheck", WORLD_LIFE, VIOLATED},
    [BREAK_NO_FORWARD] = {"no-forward", WORLD_LIFE, VIOLATED},
    [BREAK_COLLECT_FOREIGN] = {"collect-foreign", WORLD_LIFE, VIOLATED},
    [BREAK_FORWARD_UNCHECKED] = {"forward-unchecked", WORLD_LIFE, VIOLATED},
    [BREAK_BITS_BEFORE_COUNT] = {"bits-before-count", WORLD_REUSE, VIOLATED},
    [BREAK_NEXT_READ_LATE] = {"next-read-late", WORLD_TWO_SLABS, VIOLATED},
    [BREAK_IDLE_SET_LATE] = {"idle-set-late", WORLD_LIFE, VIOLATED},
    [BREAK_ALWAYS_ANNOUNCE] = {"always-announce", WORLD_REUSE, VIOLATED},
    [BREAK_ADOPT_UNCOLLECTED] = {"adopt-uncollected", WORLD_LIFE, HOLDS},
};

/* How it ended, in words. */
static const char *verdict_text(const struct outcome *outcome, enum verdict expected)
{
    static char text[256];
    if (outcome->verdict == VIOLATED) {
        snprintf(text, sizeof text, "violated after %zu moves: %s", outcome->length, outcome->violation);
        return text;
    }
    if (outcome->verdict == HOLDS)
        return expected == HOLDS ? "holds" : "holds, but a violation was expected";
    return "too many states or no memory, nothing is proved";
}

/* Explores one world, and reports whether it ended as expected. */
static void run(enum breakage breakage, const struct configuration *world, enum verdict expected, bool print_history)
{
    struct outcome outcome = explore(world, breakage, print_history);
    fflush(stdout);
    tap_ok(outcome.verdict == expected, "%s, %s: %zu states, %s", breakages[breakage].name, world->name, outcome.states,
           verdict_text(&outcome, expected));
}

/* Runs BREAKAGE in the world that shows it; the unbroken protocol in the first COUNT worlds. */
static void run_breakage(enum breakage breakage, size_t count, bool print_history)
{
    if (breakages[breakage].world < SMALL_WORLDS) {
        run(breakage, &worlds[breakages[breakage].world], breakages[breakage].expected, print_history);
        return;
    }
    for (size_t i = 0; i < count; i++)
        run(breakage, &worlds[i], breakages[breakage].expected, print_history);
}

static int run_all(void)
{
    for (int i = 0; i < BREAKAGES; i++)
        run_breakage((enum breakage)i, SMALL_WORLDS, false);
    return tap_done();
}

static int usage(void)
{
    fprintf(stderr, "usage: remote_free [--large | --break NAME], where NAME is one of");
    for (int i = 0; i < BREAKAGES; i++) {
        fprintf(stderr, " %s", breakages[i].name);
    }
    fprintf(stderr, "\n");
    return 2;
}

static int run_named(const char *name)
{
    for (int i = 0; i < BREAKAGES; i++) {
        if (strcmp(name, breakages[i].name) == 0) {
            run_breakage((enum breakage)i, SMALL_WORLDS, true);
            return tap_done();
        }
    }
    return usage();
}

int main(int argc, char **argv)
{
    if (argc == 1) {
        return run_all();
    }
    if (argc == 2 && strcmp(argv[1], "--large") == 0) {
        run_breakage(BREAK_NOTHING, WORLDS, true);
        return tap_done();
    }
    if (argc == 3 && strcmp(argv[1], "--break") == 0) {
        return run_named(argv[2]);
    }
    return usage();
}
