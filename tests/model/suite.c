/* SPDX-License-Identifier: MIT */
#include "tests/model/suite.h"

#include "tests/harness/tap.h"

#include <stdio.h>
#include <string.h>

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
static void run(const struct suite *suite, unsigned breakage, const struct world *world, bool print_history)
{
    const struct broken *broken = &suite->broken[breakage];
    struct outcome outcome = explore(suite->model, world->configuration, breakage, print_history);
    fflush(stdout);
    tap_ok(outcome.verdict == broken->expected, "%s, %s: %zu states, %s", broken->name, world->name, outcome.states,
           verdict_text(&outcome, broken->expected));
}

/* Runs BREAKAGE in the world that shows it; the unbroken protocol in the first COUNT worlds. */
static void run_breakage(const struct suite *suite, unsigned breakage, size_t count, bool print_history)
{
    if (breakage != 0) {
        run(suite, breakage, &suite->worlds[suite->broken[breakage].world], print_history);
        return;
    }
    for (size_t i = 0; i < count; i++)
        run(suite, breakage, &suite->worlds[i], print_history);
}

static int run_all(const struct suite *suite)
{
    for (unsigned i = 0; i < suite->breakages; i++)
        run_breakage(suite, i, suite->small_worlds, false);
    return tap_done();
}

static int usage(const struct suite *suite)
{
    fprintf(stderr, "usage: %s [--large | --break NAME], where NAME is one of", suite->program);
    for (unsigned i = 0; i < suite->breakages; i++)
        fprintf(stderr, " %s", suite->broken[i].name);
    fprintf(stderr, "\n");
    return 2;
}

static int run_named(const struct suite *suite, const char *name)
{
    for (unsigned i = 0; i < suite->breakages; i++) {
        if (strcmp(name, suite->broken[i].name) == 0) {
            run_breakage(suite, i, suite->small_worlds, true);
            return tap_done();
        }
    }
    return usage(suite);
}

int suite_main(const struct suite *suite, int argc, char **argv)
{
    if (argc == 1)
        return run_all(suite);
    if (argc == 2 && strcmp(argv[1], "--large") == 0) {
        run_breakage(suite, 0, suite->count, true);
        return tap_done();
    }
    if (argc == 3 && strcmp(argv[1], "--break") == 0)
        return run_named(suite, argv[2]);
    return usage(suite);
}
