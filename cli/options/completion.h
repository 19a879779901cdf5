/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion scripts, made from the table: those of cli/completions, which tests/options/completion.tap compares. Main
 * thread. Below: text. */
#ifndef HAK_OPTIONS_COMPLETION_H
#define HAK_OPTIONS_COMPLETION_H

#include <stdio.h>

/* The values of --print-completion. */
enum completion_shell { COMPLETION_NONE, COMPLETION_BASH, COMPLETION_ZSH, COMPLETION_FISH };

void completion_print_bash(FILE *stream);
void completion_print_zsh(FILE *stream);
void completion_print_fish(FILE *stream);

/* The script of SHELL. */
void completion_print(FILE *stream, enum completion_shell shell);

#endif
