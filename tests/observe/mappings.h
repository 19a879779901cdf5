/* SPDX-License-Identifier: MIT */
/* What is mapped, by an account of its own: this program's mmap, munmap, mremap and mprotect stand before the C
 * library's, so a preloaded library calls them. The C library itself does not, so threads' stacks are not in it.
 * ThreadSanitizer needs to see what is mapped by its own: with that there is no account.
 *
 * Any thread may map; mapped_bytes is for when nobody does. */
#ifndef TESTS_OBSERVE_MAPPINGS_H
#define TESTS_OBSERVE_MAPPINGS_H

#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct stretch {
    uintptr_t start, end;
    bool counts; /* or addresses alone, that are reserved (MAP_NORESERVE) and were never made writable */
};

#define STRETCHES_MOST 32768
static struct stretch stretches[STRETCHES_MOST]; /* under the lock */
static size_t stretch_count;
static atomic_flag mappings_busy = ATOMIC_FLAG_INIT;

static inline void mappings_lock(void)
{
    while (atomic_flag_test_and_set_explicit(&mappings_busy, memory_order_acquire))
        sched_yield();
}

static inline void mappings_unlock(void)
{
    atomic_flag_clear_explicit(&mappings_busy, memory_order_release);
}

static inline uintptr_t page_end(uintptr_t address)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    return (address + page - 1) & ~(page - 1);
}

static inline void stretch_add(uintptr_t start, uintptr_t end, bool counts)
{
    if (start >= end)
        return;
    if (stretch_count == STRETCHES_MOST) {
        static const char text[] = "Bail out! too many mappings\n";
        _exit(write(STDOUT_FILENO, text, sizeof text - 1) < 0 ? 98 : 99);
    }
    stretches[stretch_count++] = (struct stretch){start, end, counts};
}

/* BYTES, to the end of the page, are mapped at ADDRESS no more. */
static inline void stretch_cut(const void *address, size_t bytes)
{
    uintptr_t start = (uintptr_t)address, end = page_end(start + bytes);
    for (size_t i = 0; i < stretch_count;) {
        struct stretch of = stretches[i];
        if (of.end <= start || end <= of.start) {
            i++;
            continue;
        }
        stretches[i] = stretches[--stretch_count];
        stretch_add(of.start, start > of.start ? start : of.start, of.counts);
        stretch_add(end < of.end ? end : of.end, of.end, of.counts);
    }
}

static inline void stretch_set(const void *address, size_t bytes, bool counts)
{
    stretch_cut(address, bytes);
    stretch_add((uintptr_t)address, page_end((uintptr_t)address + bytes), counts);
}

#ifndef __SANITIZE_THREAD__
void *mmap(void *address, size_t bytes, int protection, int flags, int file, off_t offset)
{
    mappings_lock();
    void *result = (void *)syscall(SYS_mmap, address, bytes, protection, flags, file, offset);
    if (result != MAP_FAILED)
        stretch_set(result, bytes, (protection & PROT_WRITE) != 0 || (flags & MAP_NORESERVE) == 0);
    mappings_unlock();
    return result;
}

int munmap(void *address, size_t bytes)
{
    mappings_lock();
    int result = (int)syscall(SYS_munmap, address, bytes);
    if (result == 0)
        stretch_cut(address, bytes);
    mappings_unlock();
    return result;
}

int mprotect(void *address, size_t bytes, int protection)
{
    mappings_lock();
    int result = (int)syscall(SYS_mprotect, address, bytes, protection);
    if (result == 0 && (protection & PROT_WRITE) != 0)
        stretch_set(address, bytes, true); /* what is closed is mapped as before */
    mappings_unlock();
    return result;
}

void *mremap(void *address, size_t old_bytes, size_t new_bytes, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    void *target = (flags & MREMAP_FIXED) != 0 ? va_arg(arguments, void *) : NULL;
    va_end(arguments);
    mappings_lock();
    void *result = (void *)syscall(SYS_mremap, address, old_bytes, new_bytes, flags, target);
    if (result != MAP_FAILED) {
        if ((flags & 4) == 0) /* MREMAP_DONTUNMAP */
            stretch_cut(address, old_bytes);
        stretch_set(result, new_bytes, true);
    }
    mappings_unlock();
    return result;
}

#endif /* __SANITIZE_THREAD__ */

static inline size_t mapped_bytes(void)
{
    size_t bytes = 0;
    mappings_lock();
    for (size_t i = 0; i < stretch_count; i++)
        bytes += stretches[i].counts ? stretches[i].end - stretches[i].start : 0;
    mappings_unlock();
    return bytes;
}

#endif
