/* SPDX-License-Identifier: MIT */
#include "lib/thread/stack_layout.h"

#include "lib/base/os.h"
#include "lib/thread/thread_cache.h"

static size_t stacks_offset(void)
{
    return round_up(sizeof(struct thread_cache), 4096);
}

static size_t first_slots(unsigned class)
{
    return size_classes[class].capacity + 1;
}

static size_t grown_slots(unsigned class)
{
    const struct size_class *of = &size_classes[class];
    return of->doublings > 0 ? ((size_t)of->capacity << of->doublings) + 1 : 0;
}

void **stack_layout_first(struct thread_cache *cache, unsigned class)
{
    void **stack = (void **)((char *)cache + stacks_offset());
    for (unsigned before = 0; before < class; before++)
        stack += first_slots(before);
    return stack + 1;
}

size_t stack_layout_bytes(void)
{
    size_t slots = 0;
    for (unsigned class = 0; class < size_class_count; class ++)
        slots += first_slots(class);
    return round_up(stacks_offset() + slots * sizeof(void *), os_page_bytes);
}

size_t stack_layout_grown_bytes(void)
{
    size_t slots = 0;
    for (unsigned class = 0; class < size_class_count; class ++)
        slots += grown_slots(class);
    return round_up(slots * sizeof(void *), os_page_bytes);
}

void **stack_layout_grown(struct thread_cache *cache, unsigned class)
{
    void **stack = atomic_load_explicit(&cache->grown, memory_order_relaxed);
    if (stack == NULL) {
        stack = os_map(stack_layout_grown_bytes());
        if (stack == NULL)
            return NULL;
        atomic_store_explicit(&cache->grown, stack, memory_order_relaxed);
    }
    for (unsigned before = 0; before < class; before++)
        stack += grown_slots(before);
    return stack + 1;
}
