/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See keys.h. */
#include "config.h"

#include "cli/output/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The rest of what a key sends after ESC comes at once; who presses ESC alone sends nothing more. */
#define SEQUENCE_MS 50
#define LONGEST_SEQUENCE 8

/* What a signal handler puts back. */
static struct keys *volatile in_use;

/* --- the terminal's mode ------------------------------------------------------------------------------------------ */

static bool is_in_foreground(const struct keys *keys)
{
    return tcgetpgrp(keys->file) == getpgrp();
}

/* A line's end is no key's, and keys are not echoed. Signals are made of keys as before. */
static void need_mode(struct keys *keys)
{
    struct termios now;
    if (!is_in_foreground(keys) || tcgetattr(keys->file, &now) != 0 || !(now.c_lflag & (ICANON | ECHO)))
        return;
    keys->before = now;
    now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    tcsetattr(keys->file, TCSANOW, &now);
}

static void put_back(const struct keys *keys)
{
    if (is_in_foreground(keys))
        tcsetattr(keys->file, TCSANOW, &keys->before);
}

/* Async-signal-safe. What continues the process wakes keys_wait, which sets the mode anew. */
static void stop(int signal_number)
{
    int saved = errno;
    (void)signal_number;
    if (in_use)
        put_back(in_use);
    kill(getpid(), SIGSTOP);
    errno = saved;
}

static void watch_stop(bool watch)
{
    struct sigaction action = {.sa_handler = watch ? stop : SIG_DFL}, before;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGTSTP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGTSTP, &action, NULL);
}

void keys_open(struct keys *keys)
{
    *keys = (struct keys){.file = open("/dev/tty", O_RDONLY | O_CLOEXEC)};
    if (keys->file < 0 || tcgetattr(keys->file, &keys->before) != 0)
        return;
    in_use = keys;
    watch_stop(true);
    need_mode(keys);
}

void keys_close(struct keys *keys)
{
    if (keys->file < 0)
        return;
    watch_stop(false);
    in_use = NULL;
    put_back(keys);
    close(keys->file);
    keys->file = -1;
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static bool has_more(const struct keys *keys, int milliseconds)
{
    struct pollfd more = {.fd = keys->file, .events = POLLIN};
    return poll(&more, 1, milliseconds) == 1 && (more.revents & POLLIN);
}

static int key_of(const char *sequence)
{
    static const struct {
        const char *text;
        int key;
    } known[] = {{"[A", KEY_UP},   {"[B", KEY_DOWN},  {"[C", KEY_RIGHT}, {"[D", KEY_LEFT},     {"OA", KEY_UP},
                 {"OB", KEY_DOWN}, {"OC", KEY_RIGHT}, {"OD", KEY_LEFT},  {"[5~", KEY_PAGE_UP}, {"[6~", KEY_PAGE_DOWN}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(sequence, known[i].text) == 0)
            return known[i].key;
    return KEY_NONE;
}

/* What follows ESC, to the character that ends it. */
static int read_sequence(const struct keys *keys)
{
    char sequence[LONGEST_SEQUENCE + 1] = "";
    for (size_t i = 0; i < LONGEST_SEQUENCE && has_more(keys, SEQUENCE_MS); i++) {
        if (read(keys->file, &sequence[i], 1) != 1)
            break;
        if (i > 0 && (sequence[i] == '~' || (sequence[i] >= 'A' && sequence[i] <= 'Z')))
            break;
    }
    return key_of(sequence);
}

static int read_key(const struct keys *keys)
{
    unsigned char character;
    ssize_t bytes = read(keys->file, &character, 1);
    if (bytes == 1)
        return character == '\033' ? read_sequence(keys) : character;
    return bytes < 0 && errno == EINTR ? KEY_NONE : KEY_END;
}

int keys_wait(struct keys *keys, double seconds)
{
    struct pollfd wanted = {.fd = keys->file, .events = POLLIN};
    if (keys->file >= 0)
        need_mode(keys);
    int milliseconds = seconds > 0 ? (int)(seconds * 1000 + 0.999) : 0;
    if (poll(&wanted, 1, milliseconds) != 1)
        return KEY_NONE;
    return wanted.revents & POLLIN ? read_key(keys) : KEY_END;
}
