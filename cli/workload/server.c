/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Servers, which another program gives their work; see workload.h. */
#include "config.h"

#include "cli/workload/kinds.h"
#include "cli/workload/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define BLANKS " \t\n"

/* Whether a word of LENGTH stands before the program's name: exec, or an assignment. */
static bool is_before_program(const char *word, size_t length)
{
    return (length == 4 && strncmp(word, "exec", 4) == 0) || memchr(word, '=', length);
}

static void name(const struct workload *work, char *text, size_t size)
{
    const char *word = work->server + strspn(work->server, BLANKS);
    size_t length = strcspn(word, BLANKS);
    while (is_before_program(word, length) && word[length]) {
        word += length + strspn(word + length, BLANKS);
        length = strcspn(word, BLANKS);
    }
    snprintf(text, size, "%.*s", (int)length, word);
}

static void describe(const struct workload *work, char *text, size_t size)
{
    snprintf(text, size, "%s, under the load of %s", work->server, work->load);
}

static int words(const struct workload *work, const struct words_place *place, uint64_t seed, struct words *words)
{
    (void)seed; /* it is in the environment */
    return words_split(words, work->server, place);
}

const struct workload_kind workload_server = {
    .label = "server",
    .has_load = true,
    .usage_status = -1,
    .name = name,
    .describe = describe,
    .words = words,
};
