/* SPDX-License-Identifier: MIT */
/* Preloaded into a server, a part of it with a bug: whenever the server waits for its clients this notes something in a
 * block, and frees the block too early or writes one byte behind it. tests/guarded/programs.tap finds it. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOTE_BYTES 96

static void (*volatile release)(void *) = free; /* the compiler would warn of what follows */

__attribute__((noinline)) char *make_note(int count)
{
    char *note = malloc(NOTE_BYTES);
    memset(note, count, NOTE_BYTES);
    return note;
}

__attribute__((noinline)) void drop_note(char *note)
{
    release(note);
    __asm__ volatile("");
}

__attribute__((noinline)) int read_note(volatile const char *note)
{
    int first = *note;
    __asm__ volatile("");
    return first;
}

__attribute__((noinline)) int note_wait(int count)
{
    char *note = make_note(count);
    int behind = getenv("WAITING_BEHIND") != NULL;
    if (behind)
        note[NOTE_BYTES] = 0;
    drop_note(note);
    return behind ? 0 : read_note(note);
}

int epoll_wait(int descriptor, struct epoll_event *events, int most, int timeout)
{
    static volatile int sum;
    sum = note_wait(most);
    return (int)syscall(SYS_epoll_pwait, descriptor, events, most, timeout, NULL, 8);
}
