/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of a terminal, one by one as they are pressed. While they are read the terminal does not echo them; it is put
 * back as it was by keys_close, and while the program is stopped (Ctrl-Z).
 *
 * One at a time, main thread. A signal that ends the program has to lead to keys_close. Nothing is below. */
#ifndef HAK_OUTPUT_KEYS_H
#define HAK_OUTPUT_KEYS_H

#include <stdbool.h>
#include <termios.h>

/* A key is its character, or one of these. */
enum key { KEY_NONE, KEY_TAB = '\t', KEY_UP = 256, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_END };

struct keys {
    int file; /* of the terminal; -1: there is none, and keys_wait only waits */
    struct termios before;
};

/* The keys of the terminal that the program was started on. */
void keys_open(struct keys *keys);
void keys_close(struct keys *keys);

/* Waits for a key, no longer than SECONDS; KEY_NONE: there is none, or a signal came. KEY_END: the terminal is gone. */
int keys_wait(struct keys *keys, double seconds);

#endif
