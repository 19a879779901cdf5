/* SPDX-License-Identifier: MIT */
/* Marks of the blocks that the program has, by a profile with measures of security: a number for each block of a slab,
 * beside its descriptor. malloc sets the mark of what it hands out, and free takes it away by an exchange; so of two
 * frees of one block, by whatever threads, one finds no mark. Between the two a block is the program's; at other times
 * it is in a stack, in a remote buffer, or free in its slab, and has none. A mark says, with canaries, how many bytes
 * were asked for.
 *
 * Relaxed: whoever frees a block got its address from somebody, and what synchronised that hand-over orders the mark as
 * well. Any thread may call anything here. Below: slab, base/gate. */
#ifndef HAK_HEAP_TAKEN_MARKS_H
#define HAK_HEAP_TAKEN_MARKS_H

#include "lib/base/gate.h"
#include "lib/heap/slab.h"

/* Of a block that the program does not have; those of others are 1 and more. */
#define TAKEN_NOT 0

/* The mark of the block at POINTER; NULL where none of SLAB starts there. */
static ALWAYS_INLINE _Atomic(uint16_t) *taken_mark(const struct slab *slab, const void *pointer)
{
    uint32_t index = slab_index(slab, pointer);
    return LIKELY(index != SLAB_NO_BLOCK) ? &slab->taken[index] : NULL;
}

/* The program gets the block of SLAB at POINTER, with MARK. */
static ALWAYS_INLINE void taken_mark_set(struct slab *slab, const void *pointer, uint16_t mark)
{
    _Atomic(uint16_t) *at = taken_mark(slab, pointer);
    if (LIKELY(at != NULL))
        atomic_store_explicit(at, mark, memory_order_relaxed);
}

/* The mark of the block of SLAB at POINTER, which may be any address in its pages. */
static ALWAYS_INLINE uint16_t taken_mark_of(const struct slab *slab, const void *pointer)
{
    const _Atomic(uint16_t) *at = taken_mark(slab, pointer);
    return at != NULL ? atomic_load_explicit(at, memory_order_relaxed) : TAKEN_NOT;
}

/* The same, and the program has the block no more. Where there is no other thread nothing has to be atomic, and loads
 * that follow need not wait. */
static ALWAYS_INLINE uint16_t taken_mark_take(struct slab *slab, const void *pointer)
{
    _Atomic(uint16_t) *at = taken_mark(slab, pointer);
    if (UNLIKELY(at == NULL))
        return TAKEN_NOT;
    if (!gate_is_alone())
        return atomic_exchange_explicit(at, TAKEN_NOT, memory_order_relaxed);
    uint16_t mark = atomic_load_explicit(at, memory_order_relaxed);
    atomic_store_explicit(at, TAKEN_NOT, memory_order_relaxed);
    return mark;
}

#endif
