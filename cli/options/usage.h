/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one line that a wrong command line gets. Main thread. Below: table. */
#ifndef HAK_OPTIONS_USAGE_H
#define HAK_OPTIONS_USAGE_H

#include "cli/options/options.h"

/* Writes "hakmem-tune: VERB: ", the message (without a newline), that nothing was run and where help is to be found to
 * stderr; returns 2, the exit status for it. */
int usage_error(enum verb verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
