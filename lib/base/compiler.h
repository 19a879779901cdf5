/* SPDX-License-Identifier: MIT */
/* What the compiler is told about hot and cold code, and the sizes that the whole library agrees on. */
#ifndef HAK_BASE_COMPILER_H
#define HAK_BASE_COMPILER_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
/* On the declaration of what a program that is under way does not run, or seldom: starts, texts, profiles, statistics,
 * reports, what follows a refusal. The linker puts it apart from the rest, and it leaves memory after the start
 * (drop_start). A static function that only such functions call need not say so. */
#define COLD __attribute__((noinline, cold))
#define NOINLINE __attribute__((noinline))
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define HAK_EXPORT __attribute__((visibility("default")))
/* A public function with a fast path of its own: where its few instructions lie in their cache lines is worth up to 15
 * % of malloc and free. */
#define HAK_EXPORT_FAST HAK_EXPORT __attribute__((aligned(CACHE_LINE)))
/* On declarations of variables that the fast paths read: addressed relative to the code, not through the global offset
 * table. */
#define HIDDEN __attribute__((visibility("hidden")))

/* Of a function that reads what another thread may be writing, and says why that is right. */
#define READS_RACILY __attribute__((no_sanitize("thread"), noinline))

/* Of a function: it is another name for NAME of the same file. GCC wants all that NAME is known to be to be said of it.
 */
#if __has_attribute(copy)
#define ALIAS_OF(name) __attribute__((alias(#name), copy(name)))
#else
#define ALIAS_OF(name) __attribute__((alias(#name)))
#endif

/* Defined where this object goes into an archive, or may do so. PIC is libtool's word for what goes into a shared
 * library. */
#if !defined PIC || defined HAK_PIC_ARCHIVE
#define FOR_ARCHIVE
#endif

/* Asks for the cache line at ADDRESS, which may be anything, to be there for a write soon. A block comes from another
 * processor's cache, where that one freed it: to ask for it as if to read (which is all that __builtin_prefetch does on
 * the x86-64 baseline) makes that transfer two. x86-64 processors that don't know the instruction take it for none. */
static ALWAYS_INLINE void prefetch_for_write(const void *address)
{
#ifdef __x86_64__
    __asm__ volatile("prefetchw (%0)" : : "r"(address));
#else
    __builtin_prefetch(address, 1);
#endif
}

/* Has the compiler take VARIABLE for one that it knows nothing of, from here on. */
#define FORGET(variable) __asm__("" : "+r"(variable))

/* Sets bit BIT, below 64, of *WORD; whether it was set before. */
static ALWAYS_INLINE bool test_and_set_bit(uint64_t *word, uint64_t bit)
{
    bool was_set;
#ifdef __x86_64__ /* one instruction where a compiler makes five of the lines below */
    __asm__("btsq %2, %0" : "+r"(*word), "=@ccc"(was_set) : "r"(bit));
#else
    was_set = (*word >> bit & 1) != 0;
    *word |= UINT64_C(1) << bit;
#endif
    return was_set;
}

/* Asserts state invariants for readers and for --enable-debug; what protects users is checked always, by report_fatal.
 */
#ifdef HAK_DEBUG
#include "lib/base/report.h"
#define ASSERT(condition) \
    ((condition) ? (void)0 : report_fatal("assertion failed: %s (%s:%d)", #condition, __FILE__, __LINE__))
#else
#define ASSERT(condition) ((void)0)
#endif

/* What two threads write must not share one of these. */
#define CACHE_LINE 64

/* The unit of the page map. 64 KiB keeps the map small (one entry of 4 bytes for 64 KiB), is a multiple of every page
 * size that Linux kernels use (4, 16, 64 KiB), and gives the smallest classes 4096 objects a page, which is what one
 * slab's bitmap holds. */
#define PAGE_SHIFT 16
#define PAGE_BYTES ((size_t)1 << PAGE_SHIFT)

/* malloc's promise: every block is aligned for any standard type (alignof(max_align_t) on the 64-bit ABIs). */
#define BLOCK_ALIGNMENT 16

static inline size_t round_up(size_t value, size_t power_of_two)
{
    return (value + power_of_two - 1) & ~(power_of_two - 1);
}

static inline size_t size_minimum(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t size_maximum(size_t a, size_t b)
{
    return a > b ? a : b;
}

#endif
