/* SPDX-License-Identifier: MIT */
/* free: the fast path, on one screen. What it does not do itself it leaves to free_slow. Below: thread_cache, page_map.
 */
#ifndef HAK_API_FREE_H
#define HAK_API_FREE_H

#include "lib/space/page_map.h"
#include "lib/thread/thread_cache.h"

/* Everything but NULL and a block of the thread's own or the shared heap whose stack has room, and which is not the one
 * that was pushed there last. Keeps errno. Ends the program where POINTER is no block, or is seen to be free. */
void free_slow(void *pointer);

/* Frees what a fork has kept from it (base/gate.h). Inside of the gate. */
COLD void free_left_blocks(void);

/* Says what POINTER, which is no block, is as far as that can be seen, and ends the program; or returns
 * (report_misuse). */
COLD void free_report_foreign(const void *pointer, const char *function);

static ALWAYS_INLINE void free_fast(void *pointer)
{
    struct page_map_window *window = page_map_window();
    size_t page = page_map_window_block_page(window, pointer);
    if (UNLIKELY(page >= window->pages)) /* nothing allocated yet, an address outside of it, or no multiple of 16 */
        goto slow;
    struct thread_cache *cache = thread_cache_of_thread;
    uint32_t entry = page_map_window_entry(window, page);
    size_t class = page_map_class(entry);
    if (UNLIKELY(entry != cache->hot.key[class])) /* another heap's, a large block, or no block */
        goto slow;
    void **top = atomic_load_explicit(&cache->hot.top[class], memory_order_relaxed);
    if (UNLIKELY(top == cache->hot.limit[class]))
        goto slow;
    if (UNLIKELY(top[-1] == pointer)) /* a double free */
        goto slow;
    *top = pointer;
    FORGET(class); /* or the address of the top is computed before the load, by an instruction of its own */
    atomic_store_explicit(&cache->hot.top[class], top + 1, memory_order_relaxed);
    return;
slow:
    if (pointer != NULL)
        free_slow(pointer);
}

#endif
