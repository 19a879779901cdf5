/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of command lines, and what {dir} and {port} in them stand for.
 *
 * No state; any thread may call anything. Nothing is below. */
#ifndef HAK_WORKLOAD_WORDS_H
#define HAK_WORKLOAD_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define WORDS_DIRECTORY "{dir}"
#define WORDS_PORT "{port}"

/* What a run has for itself. */
struct words_place {
    const char *directory; /* NULL: none, {dir} stays as it is */
    unsigned port;         /* 0: none, {port} stays as it is */
};

/* A list of words. Zeroed: empty. */
struct words {
    char **list; /* malloc'd, NULL at the end; NULL when empty */
    size_t count;
    bool in_shell; /* the first are /bin/sh -c */
};

/* Both return 0, or -1 with errno ENOMEM. */
int words_add(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
int words_add_filled(struct words *words, const char *text, const struct words_place *place);

/* Appends the words of TEXT: what is between its blanks, with quotes taken away; or where a shell would do more with
 * it, /bin/sh -c and TEXT as a whole. Returns 0, or -1 with errno: EINVAL when there is no word, ENOMEM. */
int words_split(struct words *words, const char *text, const struct words_place *place);

void words_release(struct words *words);

/* TEXT with what the placeholders stand for, malloc'd; or NULL with errno ENOMEM. */
char *words_fill(const char *text, const struct words_place *place);

#endif
