/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See text.h. */
#include "config.h"

#include "cli/workload/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

size_t text_append(char *text, size_t size, size_t used, const char *piece)
{
    if (used < size)
        used += (size_t)snprintf(text + used, size - used, "%s", piece);
    return used;
}

size_t text_append_word(char *text, size_t size, size_t used, const char *word)
{
    bool plain = *word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%_-+=:,./") ==
                              strlen(word);
    if (plain)
        return text_append(text, size, used, word);
    used = text_append(text, size, used, "'");
    for (; *word; word++) {
        char letter[2] = {*word, '\0'};
        used = text_append(text, size, used, *word == '\'' ? "'\\''" : letter);
    }
    return text_append(text, size, used, "'");
}

size_t text_append_words(char *text, size_t size, size_t used, char *const *argv)
{
    for (size_t i = 0; argv[i]; i++)
        used = text_append_word(text, size, i ? text_append(text, size, used, " ") : used, argv[i]);
    return used;
}
