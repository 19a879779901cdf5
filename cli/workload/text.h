/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines as a shell takes them. No state; nothing is below. */
#ifndef HAK_WORKLOAD_TEXT_H
#define HAK_WORKLOAD_TEXT_H

#include <stddef.h>

/* Appends PIECE at USED, as far as there is room for it in SIZE bytes. Returns the new length. */
size_t text_append(char *text, size_t size, size_t used, const char *piece);

/* Appends WORD, quoted where a shell would not take it for itself. */
size_t text_append_word(char *text, size_t size, size_t used, const char *word);

/* Appends the words of ARGV with blanks between them. */
size_t text_append_words(char *text, size_t size, size_t used, char *const *argv);

#endif
