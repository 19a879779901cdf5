/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See words.h. */
#include "config.h"

#include "cli/workload/words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\n"
/* What means something to a shell outside of quotes, and in double ones. Not braces: it takes {dir} for itself too. */
#define EXPANDED "|&;<>()$`*?[]#~!\n"
#define EXPANDED_IN_QUOTES "$`"

/* Takes WORD over, NULL when it could not be made. */
static int append(struct words *words, char *word)
{
    char **list = word ? reallocarray(words->list, words->count + 2, sizeof *list) : NULL;
    if (!list) {
        free(word);
        errno = ENOMEM;
        return -1;
    }
    words->list = list;
    list[words->count++] = word;
    list[words->count] = NULL;
    return 0;
}

int words_add(struct words *words, const char *format, ...)
{
    char *word;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&word, format, arguments);
    va_end(arguments);
    return append(words, length < 0 ? NULL : word);
}

int words_add_filled(struct words *words, const char *text, const struct words_place *place)
{
    return append(words, words_fill(text, place));
}

/* Whether a shell would do more with TEXT than split it into words and take quotes away. Blanks at its end mean
 * nothing: a YAML file's text over several lines ends with a newline. */
static bool needs_shell(const char *text)
{
    char quote = 0;
    size_t first_word = strcspn(text, BLANKS "'\"");
    if (memchr(text, '=', first_word))
        return true;
    for (; text[strspn(text, BLANKS)]; text++) {
        if (quote == '\'' && *text != quote)
            continue;
        if (*text == '\\' && text[1])
            text++;
        else if (quote ? *text == quote : *text == '\'' || *text == '"')
            quote = quote ? 0 : *text;
        else if (strchr(quote ? EXPANDED_IN_QUOTES : EXPANDED, *text))
            return true;
    }
    return quote != 0;
}

/* Appends to WORD what the letters at *TEXT stand for, and moves it on. A backslash stands for itself at the end of the
 * text, and in double quotes but before what it takes the meaning from. */
static void take_letter(FILE *word, const char **text, char *quote)
{
    char letter = *(*text)++;
    if (letter == '\\' && **text && *quote != '\'' && (!*quote || strchr("\\\"$`", **text)))
        fputc(*(*text)++, word);
    else if (*quote ? letter == *quote : letter == '\'' || letter == '"')
        *quote = *quote ? 0 : letter;
    else
        fputc(letter, word);
}

/* The word at *TEXT without its quotes, malloc'd or NULL; moves *TEXT behind it. */
static char *take_word(const char **text)
{
    char *word = NULL, quote = 0;
    size_t size;
    FILE *stream = open_memstream(&word, &size);
    if (!stream)
        return NULL;
    while (**text && (quote || !strchr(BLANKS, **text)))
        take_letter(stream, text, &quote);
    if (fclose(stream) == 0)
        return word;
    free(word);
    return NULL;
}

static int split_at_blanks(struct words *words, const char *text, const struct words_place *place)
{
    while (*(text += strspn(text, BLANKS))) {
        char *word = take_word(&text);
        int result = word ? words_add_filled(words, word, place) : -1;
        free(word);
        if (result != 0) {
            errno = ENOMEM;
            return -1;
        }
    }
    return 0;
}

int words_split(struct words *words, const char *text, const struct words_place *place)
{
    text += strspn(text, BLANKS);
    errno = EINVAL;
    if (!*text)
        return -1;
    words->in_shell = needs_shell(text);
    if (!words->in_shell)
        return split_at_blanks(words, text, place);
    if (words_add(words, "/bin/sh") != 0 || words_add(words, "-c") != 0)
        return -1;
    return words_add_filled(words, text, place);
}

void words_release(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->list[i]);
    free(words->list);
    *words = (struct words){0};
}

/* Writes what AT begins with, filled in, and moves AT on. */
static void fill_next(FILE *stream, const char **at, const struct words_place *place)
{
    if (place->directory && strncmp(*at, WORDS_DIRECTORY, strlen(WORDS_DIRECTORY)) == 0) {
        fputs(place->directory, stream);
        *at += strlen(WORDS_DIRECTORY);
    } else if (place->port && strncmp(*at, WORDS_PORT, strlen(WORDS_PORT)) == 0) {
        fprintf(stream, "%u", place->port);
        *at += strlen(WORDS_PORT);
    } else {
        fputc(*(*at)++, stream);
    }
}

char *words_fill(const char *text, const struct words_place *place)
{
    char *filled = NULL;
    size_t size;
    FILE *stream = open_memstream(&filled, &size);
    if (!stream)
        return NULL;
    while (*text)
        fill_next(stream, &text, place);
    int failed = ferror(stream);
    if (fclose(stream) == 0 && !failed)
        return filled;
    free(filled);
    errno = ENOMEM;
    return NULL;
}
