/* SPDX-License-Identifier: MIT */
#include "lib/thread/stack_layout.h"

#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/base/os_guard.h"
#include "lib/space/metadata.h"
#include "lib/thread/thread_cache_state.h"

/* Sizes of places. The first is a cache line; each further one is two, four, ... and one line more, so that capacities
 * which are powers of two, and the NULL below them, fit. stack_history.place is 1 for the first. */
#define SIZES 10u
#define PLACE_NONE 0u
#define PLACE_GROWN UINT8_MAX /* in the cache's own mapping */

static struct lock lock = LOCK_INITIALIZER;
static void *
    *unused[SIZES]; /* under `lock`: bottoms of places without a stack, each the first address of the one before */

static size_t place_bytes(unsigned place)
{
    return place == 1 ? CACHE_LINE : ((size_t)CACHE_LINE << (place - 1)) + CACHE_LINE;
}

static uint32_t place_room(unsigned place)
{
    return (uint32_t)(place_bytes(place) / sizeof(void *)) - 1;
}

_Static_assert(((CACHE_LINE << (SIZES - 1)) + CACHE_LINE) / sizeof(void *) > 4096,
               "the largest place has room for the largest thread_cache.max_objects");

static unsigned place_for(uint32_t count)
{
    unsigned place = 1;
    while (place_room(place) < count)
        place++;
    ASSERT(place <= SIZES);
    return place;
}

/* The bottom of an unused or new place; NULL if memory is refused. */
static void **place_take(unsigned place)
{
    lock_take(&lock);
    void **bottom = unused[place - 1];
    if (bottom != NULL)
        unused[place - 1] = *bottom;
    lock_release(&lock);
    if (bottom != NULL)
        return bottom;
    void **memory = metadata_new(place_bytes(place));
    return memory != NULL ? memory + 1 : NULL;
}

static void place_give(unsigned place, void **bottom)
{
    if (place == PLACE_NONE || place == PLACE_GROWN)
        return;
    lock_take(&lock);
    *bottom = unused[place - 1];
    unused[place - 1] = bottom;
    lock_release(&lock);
}

static size_t grown_slots(unsigned class)
{
    const struct size_class *of = &size_classes[class];
    return of->doublings > 0 ? ((size_t)of->capacity << of->doublings) + 1 : 0;
}

static size_t all_grown_bytes(void)
{
    size_t slots = 0;
    for (unsigned class = 0; class < size_class_count; class ++)
        slots += grown_slots(class);
    return round_up(slots * sizeof(void *), os_page_bytes);
}

/* The bottom of what the stack of CLASS grows in, in the mapping at *GROWN, made if need be; NULL if memory is refused.
 */
static void **grown_bottom(_Atomic(void **) *grown, unsigned class)
{
    void **stack = atomic_load_explicit(grown, memory_order_relaxed);
    if (stack == NULL) {
        stack = os_map_guarded(all_grown_bytes());
        if (stack == NULL)
            return NULL;
        atomic_store_explicit(grown, stack, memory_order_relaxed);
    }
    for (unsigned before = 0; before < class; before++)
        stack += grown_slots(before);
    return stack + 1;
}

static void move(struct thread_cache *cache, unsigned class, void **to, unsigned place)
{
    struct pointer_stack stack = thread_cache_stack(cache, class);
    void **from = pointer_stack_bottom(stack);
    uint8_t *present = &cache->history[class].place;
    ptrdiff_t limit = *stack.limit - from;
    pointer_stack_move(stack, to);
    *stack.limit = to + limit;
    place_give(*present, from);
    *present = (uint8_t)place;
}

/* As high as the stack of CLASS, or of which it is the counted one, ever gets. */
static uint32_t grown_room(unsigned class)
{
    const struct size_class *of = &size_classes[class < size_class_count ? class : class - size_class_count];
    return (uint32_t)of->limit << of->doublings;
}

uint32_t stack_layout_room(const struct thread_cache *cache, unsigned class)
{
    unsigned place = cache->history[class].place;
    if (place == PLACE_GROWN)
        return grown_room(class);
    return place == PLACE_NONE ? 0 : place_room(place);
}

bool stack_layout_widen(struct thread_cache *cache, unsigned class, uint32_t count)
{
    if (count <= stack_layout_room(cache, class))
        return true;
    unsigned place = place_for(count);
    void **to = place_take(place);
    if (to != NULL)
        move(cache, class, to, place);
    return to != NULL;
}

bool stack_layout_grow(struct thread_cache *cache, unsigned class)
{
    if (cache->history[class].place == PLACE_GROWN)
        return true;
    void **to = grown_bottom(&cache->grown, class);
    if (to != NULL)
        move(cache, class, to, PLACE_GROWN);
    return to != NULL;
}

/* Sees to it that the counted stack of CLASS, which is empty, lies in a place as large as that of CLASS. */
static bool match_counted(struct thread_cache *cache, unsigned class, unsigned counted)
{
    uint8_t place = cache->history[class].place;
    if (place != PLACE_GROWN)
        return stack_layout_widen(cache, counted, place_room(place));
    void **to = grown_bottom(&cache->counted_grown, class);
    if (to != NULL)
        move(cache, counted, to, PLACE_GROWN);
    return to != NULL;
}

bool stack_layout_hand_over(struct thread_cache *cache, unsigned class, unsigned counted)
{
    uint8_t place = cache->history[class].place;
    if (place == PLACE_NONE)
        return false;
    if (UNLIKELY(cache->history[counted].place < place) && !match_counted(cache, class, counted))
        return false;
    pointer_stack_hand_over(thread_cache_stack(cache, class), thread_cache_stack(cache, counted));
    cache->history[class].place = cache->history[counted].place;
    cache->history[counted].place = place;
    return true;
}

static void discard_grown(_Atomic(void **) *grown)
{
    void **mapping = atomic_load_explicit(grown, memory_order_relaxed);
    if (mapping != NULL)
        os_discard(mapping, all_grown_bytes());
}

void stack_layout_release(struct thread_cache *cache)
{
    bool had_grown = false;
    for (unsigned class = 0; class < size_class_count + size_class_counted; class ++) {
        struct pointer_stack stack = thread_cache_stack(cache, class);
        void **bottom = pointer_stack_bottom(stack);
        uint8_t *place = &cache->history[class].place;
        if (*place == PLACE_NONE)
            continue;
        ASSERT(pointer_stack_top(stack) == bottom);
        pointer_stack_take_down(stack);
        place_give(*place, bottom);
        had_grown |= *place == PLACE_GROWN;
        *place = PLACE_NONE;
    }
    if (had_grown) {
        discard_grown(&cache->grown);
        discard_grown(&cache->counted_grown);
    }
}

static size_t bytes_of_grown(const _Atomic(void **) *grown)
{
    return atomic_load_explicit(grown, memory_order_relaxed) != NULL ? all_grown_bytes() : 0;
}

size_t stack_layout_grown_bytes(const struct thread_cache *cache)
{
    return bytes_of_grown(&cache->grown) + bytes_of_grown(&cache->counted_grown);
}

void stack_layout_lock(void)
{
    lock_take(&lock);
}

void stack_layout_unlock(void)
{
    lock_release(&lock);
}

void stack_layout_reset_lock(void)
{
    lock_reset(&lock);
}
