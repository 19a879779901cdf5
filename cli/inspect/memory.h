/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Another process's memory, which is read while it runs: nothing of it is stopped or written, and what is read may
 * change between two bytes of it. By process_vm_readv, or where that is forbidden by /proc/PID/mem.
 *
 * One thread at a time. Nothing is below. */
#ifndef HAK_INSPECT_MEMORY_H
#define HAK_INSPECT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct memory {
    pid_t pid;
    int file;  /* /proc/PID/mem; -1: process_vm_readv is used */
    int error; /* of the last read that failed as a whole, by errno: ESRCH, the process is gone; EPERM, it may not be
                  read; 0: none has */
};

/* So much of it, and where it goes. */
struct memory_piece {
    uint64_t address;
    void *to;
    size_t bytes;
    bool is_read; /* afterwards; else what is at `to` means nothing */
};

/* The memory of PID. False with errno where it may not be read. Close with memory_close. */
bool memory_open(struct memory *memory, pid_t pid);
void memory_close(struct memory *memory);

/* Reads BYTES at ADDRESS; false where they are not all there. */
bool memory_read(struct memory *memory, uint64_t address, void *to, size_t bytes);

/* Reads COUNT pieces in few calls; returns how many are read. */
size_t memory_read_pieces(struct memory *memory, struct memory_piece *pieces, size_t count);

#endif
