/* SPDX-License-Identifier: MIT */
/* Lending between classes: memory that nothing has used yet is the last resort. Before a class is refilled with such
 * memory, malloc takes a block off the stack of one of the next larger classes (size_classes.borrow), if that one's
 * stack has more than it needs. The block alone tells which class it is of, so free brings it back to the class that
 * lent it, and no stack ever holds another class's blocks.
 *
 * A thread that begins borrows whole cache lines for its first shorter blocks: a slab of its own would take a page of
 * memory, and its descriptor, for each of their classes.
 *
 * Holder of the cache. Below: thread_cache_state, stack_growth, heap/shared. */
#ifndef HAK_THREAD_BORROW_H
#define HAK_THREAD_BORROW_H

#include <stdbool.h>

struct thread_cache;

/* The class from which CLASS, whose stack is empty, borrows a block; CLASS if it is to be refilled. */
unsigned borrow_lender(const struct thread_cache *cache, unsigned class);

/* A block of LENDER, which borrow_lender has named, for CLASS. */
void *borrow_take(struct thread_cache *cache, unsigned class, unsigned lender);

/* Whether a block of CLASS, whose stack is empty, is to be a cache line of the shared heap's. */
bool borrow_takes_line(const struct thread_cache *cache, unsigned class);

/* The class of such a block, which the caller takes: it is counted here. */
unsigned borrow_line_class(struct thread_cache *cache);

#endif
