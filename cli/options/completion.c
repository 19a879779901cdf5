/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See completion.h. */
#include "config.h"

#include "cli/options/completion.h"

void completion_print(FILE *stream, enum completion_shell shell)
{
    static void (*const print[])(FILE * stream) = {
        [COMPLETION_BASH] = completion_print_bash,
        [COMPLETION_ZSH] = completion_print_zsh,
        [COMPLETION_FISH] = completion_print_fish,
    };
    print[shell](stream);
}
