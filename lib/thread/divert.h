/* SPDX-License-Identifier: MIT */
/* Leaving the fast path by data. The fast paths of malloc and free do not test for rare cases: three words that they
 * load and compare anyway send a call to its slow path. To send calls there, plant one of these words.
 *
 * A NULL in a stack sends the malloc that would pop it to malloc_slow. The fast path leaves the top above the NULL, so
 * every malloc of that class goes there until the slow path has moved the top. The slot below each stack's bottom is
 * such a NULL. One further up is reached only when the stack falls to its height, which a program that frees as much as
 * it allocates may never do: plant it by bytes, at each refill and push. The slow path has to remove it first, since
 * thread_cache_refill takes a NULL for the bottom.
 *
 * A limit equal to the top sends the free that would push to free_slow.
 *
 * A key that matches no page's entry (DIVERT_KEY) sends every free of its class to free_slow, which takes the block for
 * another heap's unless it is taught more.
 *
 * DIVERT_STACK is an empty and full stack: it sends malloc and free of its class to their slow paths. Every class of a
 * new thread cache has it until the first refill or push sets up a stack (need_stack).
 *
 * THREAD_CACHE_NONE has DIVERT_STACK and DIVERT_KEY for every class: it sends every call of a thread without a cache to
 * its slow path, before the thread's first call and after its end, and that of one whose cache is hidden
 * (held_cache.h).
 *
 * The holder of a cache plants and removes words in it. Nobody writes to DIVERT_STACK, nor to THREAD_CACHE_NONE after
 * the start. Below: base. */
#ifndef HAK_THREAD_DIVERT_H
#define HAK_THREAD_DIVERT_H

#include "lib/base/compiler.h"

extern HIDDEN void *divert_stack[2]; /* const: NULL below the bottom */
#define DIVERT_STACK (divert_stack + 1)

/* free compares a page's entry with the key of the class in the entry's lower byte. So a key of 0 matches no page of
 * another class than 0, and a key of 1 none of class 0. */
#define DIVERT_KEY(class) ((uint32_t)((class) == 0))

struct thread_cache_hot;
extern HIDDEN struct thread_cache_hot thread_cache_none;
#define THREAD_CACHE_NONE ((struct thread_cache *)&thread_cache_none)

/* Completes THREAD_CACHE_NONE. Before size_class_start: until then every size has class 0, the only class that it has
 * from the beginning. */
COLD void divert_start(void);

#endif
