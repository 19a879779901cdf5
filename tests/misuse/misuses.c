/* SPDX-License-Identifier: MIT */
/* Does one thing that is wrong, and says what came of it.
 *
 * misuses         prints the names, one a line
 * misuses NAME    does it. Standard output has "misused" as soon as the wrong call or access has returned, and what
 * came of it, "harmless", "silent", "refused" or "absent", where the program reaches its end */
#include "tests/misuse/misuse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct misuse *const groups[] = {double_frees,  invalid_frees, wrong_sizes, stale_pointers,
                                              out_of_bounds, after_free,    guesses};
#define GROUPS (sizeof groups / sizeof *groups)

static int list(void)
{
    for (size_t group = 0; group < GROUPS; group++)
        for (const struct misuse *misuse = groups[group]; misuse->name != NULL; misuse++)
            puts(misuse->name);
    return 0;
}

static const struct misuse *find(const char *name)
{
    for (size_t group = 0; group < GROUPS; group++)
        for (const struct misuse *misuse = groups[group]; misuse->name != NULL; misuse++)
            if (strcmp(misuse->name, name) == 0)
                return misuse;
    return NULL;
}

/* Not through stdio, which allocates. */
static void say(enum outcome outcome)
{
    static const char *const lines[] = {
        [HARMLESS] = "harmless\n", [SILENT] = "silent\n", [REFUSED] = "refused\n", [ABSENT] = "absent\n"};
    if (write(STDOUT_FILENO, lines[outcome], strlen(lines[outcome])) < 0)
        _exit(99);
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return list();
    const struct misuse *misuse = argc == 2 ? find(argv[1]) : NULL;
    if (misuse == NULL) {
        fprintf(stderr, "misuses: expected the name of a misuse; without one it prints them all\n");
        return 2;
    }
    say(misuse->commit());
    exit(0); /* what the allocator looks at as the process ends it shall look at */
}
