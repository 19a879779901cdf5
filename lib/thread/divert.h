/* SPDX-License-Identifier: MIT */
/* Leaving the fast path by data. malloc and free have no tests for what is rare: the words that they load anyway, and
 * compare anyway, send them to their slow paths. Whoever has to see a call plants such a word:
 *
 *  - A NULL in a stack, where malloc would pop a block, sends it to malloc_slow. The top stays above the NULL, so every
 *    malloc of that class goes there until the holder moves the top. The slot below each stack's bottom is such a NULL.
 *  - A limit at the top sends free to free_slow: the stack is full.
 *  - A key that matches no page's entry sends every free of its class to free_slow, whatever the stack.
 *  - DIVERT_STACK is empty and full at once: malloc and free of the class take their slow paths. A class's stack is
 * this one until its first refill or push sets up a real one.
 *  - THREAD_CACHE_NONE has DIVERT_STACK and DIVERT_KEY for every class: it diverts all calls of a thread that has no
 *    cache.
 *
 * The thread that uses the stacks and keys plants and removes; nobody ever writes to DIVERT_STACK. Below: base. */
#ifndef HAK_THREAD_DIVERT_H
#define HAK_THREAD_DIVERT_H

#include "lib/base/compiler.h"

extern HIDDEN void *divert_stack[2]; /* const: NULL below the bottom */
#define DIVERT_STACK (divert_stack + 1)

/* A page's entry has the page's class in its lower byte, and free compares it with the key of that class. So 0 matches
 * no page of another class than 0, and 1 none of class 0. */
#define DIVERT_KEY(class) ((uint32_t)((class) == 0))

struct thread_cache_hot;
extern HIDDEN struct thread_cache_hot thread_cache_none;
#define THREAD_CACHE_NONE ((struct thread_cache *)&thread_cache_none)

/* Completes THREAD_CACHE_NONE. Before size_class_start: until then every size has class 0, the only class that it has
 * from the beginning. */
COLD void divert_start(void);

#endif
