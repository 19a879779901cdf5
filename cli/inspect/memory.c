/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See memory.h. */
#include "config.h"

#include "cli/inspect/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

/* The kernel's UIO_MAXIOV. */
#define PIECES_AT_ONCE 1024

/* Reads COUNT pieces, PIECES_AT_ONCE at most, and returns how many of the first are read. */
static size_t read_directly(struct memory *memory, struct memory_piece *pieces, size_t count)
{
    struct iovec to[PIECES_AT_ONCE], from[PIECES_AT_ONCE];
    for (size_t i = 0; i < count; i++) {
        to[i] = (struct iovec){pieces[i].to, pieces[i].bytes};
        from[i] = (struct iovec){(void *)(uintptr_t)pieces[i].address, pieces[i].bytes};
    }
    ssize_t bytes = process_vm_readv(memory->pid, to, count, from, count, 0);
    if (bytes < 0 && errno != EFAULT)
        memory->error = errno;
    size_t read = 0;
    for (size_t left = bytes > 0 ? (size_t)bytes : 0; read < count && pieces[read].bytes <= left; read++)
        left -= pieces[read].bytes;
    return read;
}

static size_t read_by_file(struct memory *memory, struct memory_piece *pieces, size_t count)
{
    size_t read = 0;
    while (read < count) {
        struct memory_piece *piece = &pieces[read];
        ssize_t bytes = pread(memory->file, piece->to, piece->bytes, (off_t)piece->address);
        if (bytes == 0 && piece->bytes != 0)
            memory->error = ESRCH; /* its memory is gone */
        if (bytes < 0 || (size_t)bytes != piece->bytes)
            return read;
        read++;
    }
    return read;
}

size_t memory_read_pieces(struct memory *memory, struct memory_piece *pieces, size_t count)
{
    size_t good = 0;
    memory->error = 0;
    for (size_t at = 0; at < count;) {
        size_t some = count - at < PIECES_AT_ONCE ? count - at : PIECES_AT_ONCE, read = 0;
        if (memory->error == 0)
            read =
                memory->file >= 0 ? read_by_file(memory, pieces + at, some) : read_directly(memory, pieces + at, some);
        for (size_t i = 0; i < read; i++)
            pieces[at + i].is_read = true;
        if (read < some)
            pieces[at + read].is_read = false;
        good += read;
        at += read + (read < some);
    }
    return good;
}

bool memory_read(struct memory *memory, uint64_t address, void *to, size_t bytes)
{
    struct memory_piece piece = {address, to, bytes, false};
    return memory_read_pieces(memory, &piece, 1) == 1;
}

/* Any address will do to learn whether the call is allowed: EFAULT is an answer about the address alone. */
static bool may_read_directly(pid_t pid)
{
    char byte;
    struct iovec to = {&byte, 1}, from = {NULL, 1};
    return process_vm_readv(pid, &to, 1, &from, 1, 0) >= 0 || errno == EFAULT;
}

bool memory_open(struct memory *memory, pid_t pid)
{
    char name[64];
    *memory = (struct memory){.pid = pid, .file = -1};
    if (may_read_directly(pid))
        return true;
    int error = errno;
    if (error != EPERM && error != ENOSYS)
        return false;
    snprintf(name, sizeof name, "/proc/%d/mem", (int)pid);
    memory->file = open(name, O_RDONLY | O_CLOEXEC);
    if (memory->file < 0)
        errno = error == ENOSYS ? errno : error;
    return memory->file >= 0;
}

void memory_close(struct memory *memory)
{
    if (memory->file >= 0)
        close(memory->file);
    memory->file = -1;
}
