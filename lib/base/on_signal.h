/* SPDX-License-Identifier: MIT */
/* Signals that a user has the library answer to. Below: report, writer. */
#ifndef HAK_BASE_ON_SIGNAL_H
#define HAK_BASE_ON_SIGNAL_H

#include "lib/base/writer.h"

#include <stdbool.h>

/* The number of the signal in TEXT: "USR2", "SIGUSR2", "12". 0, with what is wrong in MESSAGE, where there is none such
 * or a process needs it for itself. */
COLD int signal_by_name(const char *text, struct writer *message);

/* Has HANDLER called at each signal that TEXT names, which the variable VARIABLE says, until the program sets another
 * handler. False, and a line says why, where TEXT names none, or one that has a handler already. */
COLD bool on_signal(const char *variable, const char *text, void (*handler)(int));

#endif
