/* SPDX-License-Identifier: MIT */
#include "lib/thread/divert.h"

#include "lib/thread/thread_cache_state.h"

void *divert_stack[2] = {NULL, NULL};

_Alignas(struct thread_cache) struct thread_cache_hot thread_cache_none = {
    .key = {DIVERT_KEY(0)}, .top = {DIVERT_STACK}, .limit = {DIVERT_STACK}};

/* At run time, since the loader would need a relocation for each address. (The keys of other classes are 0 already.)
 * The fence is before the stores that make a class other than 0 known: a thread that reads such a class from
 * size_class_table finds its stack by an address that depends on it. */
void divert_start(void)
{
    for (unsigned class = 1; class < SIZE_CLASSES_MAX; class ++) {
        atomic_store_explicit(&thread_cache_none.top[class], DIVERT_STACK, memory_order_relaxed);
        thread_cache_none.limit[class] = DIVERT_STACK;
    }
    atomic_thread_fence(memory_order_release);
}
