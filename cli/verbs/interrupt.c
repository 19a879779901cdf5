/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See interrupt.h. */
#include "cli/verbs/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile int noted;

static void note(int signal_number)
{
    noted = signal_number;
}

/* What was ignored from the start stays so: by nohup, or in a shell's background. */
static void watch(int signal_number, int flags)
{
    struct sigaction action = {.sa_handler = note, .sa_flags = flags}, before;
    sigemptyset(&action.sa_mask);
    if (sigaction(signal_number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(signal_number, &action, NULL);
}

const volatile int *interrupt_watch(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        watch(signals[i], (int)SA_RESETHAND);
    watch(SIGPIPE, 0); /* there is more to be written before the end */
    return &noted;
}
