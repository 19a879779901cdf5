/* SPDX-License-Identifier: MIT */
#include "lib/observe/stats_signal.h"

#include "lib/base/report.h"
#include "lib/observe/stats_request.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

static void (*report)(void); /* const after stats_signal_start */

static void handle(int number)
{
    int saved = errno;
    (void)number;
    report();
    errno = saved;
}

/* A handler that is there already is another preloaded library's. */
static bool has_handler(int number)
{
    struct sigaction present;
    return sigaction(number, NULL, &present) != 0 || ((present.sa_flags & SA_SIGINFO) != 0) ||
           (present.sa_handler != SIG_DFL && present.sa_handler != SIG_IGN);
}

bool stats_signal_start(const char *name, void (*to_call)(void))
{
    char text[256];
    struct writer message = writer_start(text, sizeof text);
    int number = stats_request_signal(name, &message);
    if (number == 0) {
        report_line("HAKMEM_STATS_SIGNAL: %s; no statistics on a signal", text);
        return false;
    }
    if (has_handler(number)) {
        report_line("HAKMEM_STATS_SIGNAL: signal %d has a handler already, which stays; no statistics on a signal",
                    number);
        return false;
    }
    report = to_call;
    /* On the thread's signal stack, if it has one. System calls that can go on do. */
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    return sigaction(number, &action, NULL) == 0;
}
