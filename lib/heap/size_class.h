/* SPDX-License-Identifier: MIT */
/* Size classes: which block sizes there are, and which one serves a request. Small blocks are up to 64 KiB; one table
 * look-up finds the class of any of them, without a search.
 *
 * Written once at process start (constants in a baked build), then read by every thread. Below: the profile, base/os.
 */
#ifndef HAK_HEAP_SIZE_CLASS_H
#define HAK_HEAP_SIZE_CLASS_H

#include "lib/base/compiler.h"
#include "lib/profile/schema.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Above this a block is large. */
#define SMALL_MAX_BYTES ((size_t)64 << 10)
#define SIZE_CLASSES_MAX (HAK_PROFILE_MAX_CLASSES + 2) /* no entry of the page map has a class beyond */
#define SIZE_STEP BLOCK_ALIGNMENT
#define SIZE_STEP_SHIFT 4
_Static_assert(1 << SIZE_STEP_SHIFT == SIZE_STEP, "the shift of SIZE_STEP");
#define SIZE_TABLE_ENTRIES (SMALL_MAX_BYTES / SIZE_STEP + 1)

/* A slab's bitmap has at most this many bits: 64 words. */
#define SLAB_MAX_BLOCKS 4096
/* No slab is longer; see size_class_place. */
#define SLAB_MAX_STEPS ((uint32_t)1 << 20)

struct size_class {
    uint64_t inverse;  /* ceil(2^32 / (size / 16)): see size_class_place */
    uint32_t size;     /* bytes of a block: a multiple of 16 */
    uint16_t blocks;   /* in one slab */
    uint16_t capacity; /* blocks that a thread's stack holds at most, before it grows */
    uint16_t limit;  /* blocks at which a push drains the stack first (thread_cache.drain_threshold), before it grows */
    uint16_t refill; /* blocks that a refill brings, before it grows */
    uint8_t pages;   /* 64 KiB pages of one slab */
    uint8_t doublings; /* how often a stack may double (thread_cache.growth); less where max_bytes times growth hold no
                          more */
    uint8_t lenders;   /* the number of next classes that may lend it blocks (size_classes.borrow) */
    bool shared;       /* its blocks belong to no thread (heap.shared, shared.h) */
};

/* Hidden, so that the fast path addresses it relative to the code. Relaxed: each entry is right at any time. */
extern HIDDEN _Atomic(uint8_t) size_class_table[SIZE_TABLE_ENTRIES]; /* index: (bytes + 15) / 16 */
extern HIDDEN struct size_class size_classes[SIZE_CLASSES_MAX];
extern HIDDEN unsigned size_class_count;

/* Makes the tables from the profile in force. */
COLD void size_class_start(void);

/* Bytes at the end of a slab of PAGES that are inaccessible: the kernel's page under security.guard_pages, or 0. */
size_t size_class_guard_bytes(unsigned pages);

/* --- counted classes ---------------------------------------------------------------------------------------------- */

/* While malloc is counted (thread/counted_stack.h) the table sends a size to a counted class, whose stack malloc pops
 * in place of its class's. Counted classes stand behind the others in the arrays of a thread cache: that of class C at
 * size_class_count + C, for the first size_class_counted of them. All other sizes go to the last one, whose stack is
 * always empty: SIZE_CLASS_UNCOUNTED. Under a profile with measures of security 0 bytes always do. */
#define SIZE_CLASS_UNCOUNTED (SIZE_CLASSES_MAX - 1)
_Static_assert(SIZE_CLASS_UNCOUNTED >= HAK_PROFILE_MAX_CLASSES && SIZE_CLASSES_MAX <= UINT8_MAX,
               "it is no class of a profile, and the table has room for it");

/* Longer blocks have no counted stack: each takes so long to fill that a call of malloc_slow does not count. */
#define COUNTED_MOST_BYTES 4096u

extern HIDDEN unsigned size_class_counted; /* const after size_class_start */

static ALWAYS_INLINE bool size_class_is_counted(unsigned class)
{
    return class - size_class_count < size_class_counted;
}

/* Has the table send sizes to counted classes from now on, or no more. Any thread, and any signal handler; one at a
 * time. A thread may see some entries later than others. */
COLD void size_class_count_pops(bool counted);

/* The class for BYTES where the table has CLASS, a counted one. */
COLD unsigned size_class_behind_counted(unsigned class, size_t bytes);

/* --- look-up ------------------------------------------------------------------------------------------------------ */

/* The class whose stack malloc pops for BYTES, at most SMALL_MAX_BYTES: their class, or a counted one. */
static ALWAYS_INLINE unsigned size_class_to_pop(size_t bytes)
{
    return atomic_load_explicit(&size_class_table[(bytes + SIZE_STEP - 1) / SIZE_STEP], memory_order_relaxed);
}

/* The class for BYTES, at most SMALL_MAX_BYTES. */
static inline unsigned size_class_of(size_t bytes)
{
    unsigned class = size_class_to_pop(bytes);
    return LIKELY(class < size_class_count) ? class : size_class_behind_counted(class, bytes);
}

/* The smallest class whose blocks hold BYTES and are aligned to ALIGNMENT because their size is a multiple of it (slabs
 * start at multiples of 64 KiB); size_class_count if there is none. */
unsigned size_class_aligned(size_t bytes, size_t alignment);

/* Blocks start at multiples of 16 bytes, so their distances are counted in such steps. A distance that is no multiple,
 * or is negative, gives more steps than any slab has. */
static ALWAYS_INLINE size_t size_class_steps(const void *from, const void *to)
{
    size_t bytes = (size_t)((const char *)to - (const char *)from);
    return bytes / SIZE_STEP | bytes << (8 * sizeof bytes - SIZE_STEP_SHIFT);
}

/* Which block of a class lies STEPS after the first: a division by the size and a look at the remainder, in one
 * multiplication (D. Lemire and others: Faster Remainder by Direct Computation, Software: Practice and Experience 49,
 * 2019). The product's upper half is the index. With s steps a block, inverse * s = 2^32 + e and e < s; then k blocks
 * and r steps more give k * 2^32 + k * e + r * inverse. In slabs of at most SLAB_MAX_STEPS (k + 1) * e is at most
 * these, so less than any inverse: the lower half is below the inverse if r is 0, and is not, nor does it overflow, if
 * r is more. */
static ALWAYS_INLINE uint64_t size_class_place(size_t steps, uint64_t inverse)
{
    return steps * inverse;
}

static ALWAYS_INLINE uint32_t size_class_place_index(uint64_t place)
{
    return (uint32_t)(place >> 32);
}

static ALWAYS_INLINE bool size_class_place_is_start(uint64_t place, uint64_t inverse)
{
    return (uint32_t)place <= (uint32_t)(inverse - 1); /* 16-byte blocks have 2^32 */
}

#endif
