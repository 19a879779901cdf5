/* SPDX-License-Identifier: MIT */
#include "lib/base/on_signal.h"

#include "lib/base/report.h"

#include <signal.h>
#include <string.h>

/* --- names -------------------------------------------------------------------------------------------------------- */

/* Those that come from outside and mean nothing to the program itself, unless it has a handler of its own. */
static const struct {
    char name[8];
    int number;
} signals[] = {{"USR2", SIGUSR2}, {"USR1", SIGUSR1}, {"HUP", SIGHUP},     {"URG", SIGURG},
               {"IO", SIGIO},     {"PWR", SIGPWR},   {"WINCH", SIGWINCH}, {"QUIT", SIGQUIT}};

static int number_of(const char *text)
{
    int number = 0;
    for (; *text >= '0' && *text <= '9' && number < 1000; text++)
        number = 10 * number + (*text - '0');
    return *text == '\0' ? number : 0;
}

static bool is_taken(int number)
{
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (signals[i].number == number)
            return true;
    return number >= SIGRTMIN && number <= SIGRTMAX;
}

int signal_by_name(const char *text, struct writer *message)
{
    const char *name = strncmp(text, "SIG", 3) == 0 ? text + 3 : text;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (strcmp(signals[i].name, name) == 0)
            return signals[i].number;
    int number = number_of(text);
    if (is_taken(number))
        return number;
    writer_add(message, "\"");
    writer_add(message, text);
    writer_add(message, "\" is none of USR1, USR2, HUP, IO, PWR, QUIT, URG, WINCH and their numbers, nor one of a "
                        "real-time signal");
    return 0;
}

/* --- handlers ----------------------------------------------------------------------------------------------------- */

/* A handler that is there already is another preloaded library's. */
static bool has_handler(int number)
{
    struct sigaction present;
    return sigaction(number, NULL, &present) != 0 || ((present.sa_flags & SA_SIGINFO) != 0) ||
           (present.sa_handler != SIG_DFL && present.sa_handler != SIG_IGN);
}

bool on_signal(const char *variable, const char *text, void (*handler)(int))
{
    char why[256];
    struct writer message = writer_start(why, sizeof why);
    int number = signal_by_name(text, &message);
    if (number == 0) {
        report_line("%s: %s; it has no effect", variable, why);
        return false;
    }
    if (has_handler(number)) {
        report_line("%s: signal %d has a handler already, which stays; it has no effect", variable, number);
        return false;
    }
    /* On the thread's signal stack, if it has one. System calls that can go on do. */
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    return sigaction(number, &action, NULL) == 0;
}
