/* SPDX-License-Identifier: MIT */
#include "lib/thread/thread_cache.h"

#include "lib/base/os.h"
#include "lib/heap/drain.h"
#include "lib/heap/refill.h"
#include "lib/heap/registry.h"
#include "lib/heap/shared.h"
#include "lib/profile/active.h"

#include <string.h>

/* A stack that is empty and full: where a class's stack has not been set up, a pop finds NULL and a push finds the
 * limit. */
static void *no_stack[2] = {NULL, NULL};
#define NO_STACK (no_stack + 1)

/* No entry of class 0 has another class in it, and none of another class is 0, so these keys match no page's entry. */
#define NO_KEY_OF_CLASS_0 1

_Alignas(struct thread_cache) struct thread_cache_hot thread_cache_none = {
    .key = {NO_KEY_OF_CLASS_0}, .top = {NO_STACK}, .limit = {NO_STACK}};

_Thread_local struct thread_cache *thread_cache_of_thread = THREAD_CACHE_NONE;

/* At run time, since the loader would need a relocation for each address. The fence is before the stores that make a
 * class other than 0 known: who reads such a class from size_class_table finds its stack by an address that depends on
 * it. */
void thread_cache_start(void)
{
    for (unsigned class = 1; class < SIZE_CLASSES_MAX; class ++) {
        atomic_store_explicit(&thread_cache_none.top[class], NO_STACK, memory_order_relaxed);
        thread_cache_none.limit[class] = NO_STACK;
    }
    atomic_thread_fence(memory_order_release);
}

static void **top_of(const struct thread_cache *cache, unsigned class)
{
    return atomic_load_explicit(&cache->hot.top[class], memory_order_relaxed);
}

/* Acquire pairs with the release in set_bottom: who sees a stack's bottom sees a top in the same stack. */
static void **bottom_of(const struct thread_cache *cache, unsigned class)
{
    return atomic_load_explicit(&cache->bottom[class], memory_order_acquire);
}

static void set_bottom(struct thread_cache *cache, unsigned class, void **bottom)
{
    atomic_store_explicit(&cache->bottom[class], bottom, memory_order_release);
}

static void set_top(struct thread_cache *cache, unsigned class, void **top)
{
    atomic_store_explicit(&cache->hot.top[class], top, memory_order_relaxed);
}

/* Behind the cache lie its stacks, untouched until they are used: first one for each class, for its capacity; then one
 * more for each, for all that it may grow to. Below each stack is a NULL. They begin on a page: before them is the
 * remote buffer, which many threads never touch. */
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

static size_t stacks_bytes(void)
{
    size_t slots = 0;
    for (unsigned class = 0; class < size_class_count; class ++)
        slots += first_slots(class) + grown_slots(class);
    return slots * sizeof(void *);
}

static void **first_stack(struct thread_cache *cache, unsigned class)
{
    void **stack = (void **)((char *)cache + stacks_offset());
    for (unsigned before = 0; before < class; before++)
        stack += first_slots(before);
    return stack + 1;
}

static void **grown_stack(struct thread_cache *cache, unsigned class)
{
    void **stack = first_stack(cache, size_class_count) - 1;
    for (unsigned before = 0; before < class; before++)
        stack += grown_slots(before);
    return stack + 1;
}

size_t thread_cache_bytes(void)
{
    return round_up(stacks_offset() + stacks_bytes(), os_page_bytes);
}

struct thread_cache *thread_cache_new(void)
{
    struct thread_cache *cache = os_map(thread_cache_bytes());
    if (cache == NULL)
        return NULL;
    for (unsigned class = 0; class < SIZE_CLASSES_MAX; class ++) {
        set_top(cache, class, NO_STACK);
        set_bottom(cache, class, NO_STACK);
        cache->hot.limit[class] = NO_STACK;
    }
    if (!registry_enter(&cache->heap)) {
        os_unmap(cache, thread_cache_bytes());
        return NULL;
    }
    for (unsigned class = 0; class < SIZE_CLASSES_MAX; class ++)
        cache->hot.key[class] = heap_entry(size_classes[class].shared ? &shared_heap : &cache->heap, class);
    return cache;
}

struct thread_cache *thread_cache_of_heap(struct heap *heap)
{
    return (struct thread_cache *)((char *)heap - offsetof(struct thread_cache, heap));
}

static uint32_t limit_of(const struct thread_cache *cache, unsigned class)
{
    return size_classes[class].limit << cache->swing[class].doublings;
}

/* Sets up the stack of CLASS at its first use. */
static void need_stack(struct thread_cache *cache, unsigned class)
{
    if (LIKELY(bottom_of(cache, class) != NO_STACK))
        return;
    void **bottom = first_stack(cache, class);
    cache->hot.limit[class] = bottom + limit_of(cache, class);
    set_top(cache, class, bottom);
    set_bottom(cache, class, bottom);
}

/* Puts the COUNT oldest blocks of a stack back into their slabs. */
static void drain(struct thread_cache *cache, unsigned class, size_t count)
{
    void **bottom = bottom_of(cache, class);
    size_t height = (size_t)(top_of(cache, class) - bottom);
    ASSERT(count <= height);
    uint32_t put = drain_put(&cache->heap, class, bottom, (uint32_t)count);
    void *not_put = put < count ? bottom[put] : NULL;
    memmove(bottom, bottom + count, (height - count) * sizeof *bottom);
    set_top(cache, class, bottom + height - count);
    if (UNLIKELY(put < count))
        heap_report_not_put(class,
                            not_put); /* now, without a lock and from a good stack: a handler of SIGABRT may allocate */
}

/* The same with all of them. */
static void empty(struct thread_cache *cache, unsigned class)
{
    size_t height = thread_cache_height(cache, class);
    if (height > 0)
        drain(cache, class, height);
}

/* --- as high as needed -------------------------------------------------------------------------------------------- */

/* One stack is looked at for so many bytes that refills and drains move: one that is seen twice at the same height has
 * not taken part while others moved as much as some tens of stacks hold. */
#define BYTES_PER_LOOK ((size_t)64 << 10)

/* Moves a stack. Who reads the old bottom must not take the new top for one in the same stack, so no stack is shown in
 * between: see thread_cache_height, whose acquire fence pairs with this release fence. */
static void move_stack(struct thread_cache *cache, unsigned class, void **to)
{
    void **from = bottom_of(cache, class);
    size_t height = (size_t)(top_of(cache, class) - from);
    memcpy(to, from, height * sizeof *to);
    set_bottom(cache, class, NO_STACK);
    atomic_thread_fence(memory_order_release);
    set_top(cache, class, to + height);
    set_bottom(cache, class, to);
}

/* Doubles the height that the stack of CLASS may have; false where it may not grow further. */
static bool grow(struct thread_cache *cache, unsigned class)
{
    struct stack_swing *swing = &cache->swing[class];
    if (swing->doublings >= size_classes[class].doublings)
        return false;
    if (bottom_of(cache, class) == first_stack(cache, class))
        move_stack(cache, class, grown_stack(cache, class));
    swing->doublings++;
    cache->hot.limit[class] = bottom_of(cache, class) + limit_of(cache, class);
    return true;
}

/* So many refills or drains in a row are a flow from thread to thread, or a rise or fall. What stays in the stack then
 * is of no use to this thread, so twice as much moves at once (by the default profile, all of it), and the stack may
 * get 2^FLOW_DOUBLINGS times as high for that. */
#define FLOW_STREAK 8
#define FLOW_DOUBLINGS 1

/* A higher stack moves enough at once, and in a random walk so many in a row are no flow. */
static bool is_flow(const struct thread_cache *cache, unsigned class)
{
    const struct stack_swing *swing = &cache->swing[class];
    return swing->streak == FLOW_STREAK && swing->doublings <= FLOW_DOUBLINGS;
}

/* The stack of CLASS is refilled or drained as it was the last time, or as it was not: whether it gets higher for that.
 */
static bool grow_with_flow(struct thread_cache *cache, unsigned class, bool as_before)
{
    struct stack_swing *swing = &cache->swing[class];
    swing->streak = as_before ? (uint8_t)size_minimum(swing->streak + 1u, FLOW_STREAK) : 0;
    return UNLIKELY(is_flow(cache, class) && swing->doublings < FLOW_DOUBLINGS) && grow(cache, class);
}

/* Everything back to the heap, and back to the class's capacity: a block in a stack keeps its slab from becoming empty,
 * and those of a stack that nobody uses may lie in a slab each. */
static void give_up(struct thread_cache *cache, unsigned class)
{
    cache->swing[class] = (struct stack_swing){.phase = SWING_NONE};
    cache->hot.limit[class] = bottom_of(cache, class) + limit_of(cache, class);
    empty(cache, class);
}

/* At each of so many looks, a stack that has grown higher than flows make it is sorted. */
#define LOOKS_PER_SORT 8

/* A stack that is so high that it is never drained hands blocks out in the order in which they were freed, which gets
 * ever more random: blocks that are allocated in a row then lie far apart, and several of a cache line are in use at
 * different times. Bitmaps have them in the order of their addresses. */
static void sort(struct thread_cache *cache, unsigned class)
{
    if (cache->swing[class].doublings > FLOW_DOUBLINGS && ++cache->swing[class].looks % LOOKS_PER_SORT == 0)
        empty(cache, class);
}

/* Empties a stack that stood still while others moved, or that is to be sorted. */
static void look_at(struct thread_cache *cache, unsigned class)
{
    struct stack_swing *swing = &cache->swing[class];
    uint32_t height = (uint32_t)thread_cache_height(cache, class);
    if ((height > 0 || swing->doublings > 0) && !swing->moved && swing->height == height)
        give_up(cache, class);
    else
        sort(cache, class);
    swing->moved = false;
    swing->height = (uint32_t)thread_cache_height(cache, class);
}

/* COUNT blocks of CLASS are going to be moved. Each look is at the next class; at none twice in a row, since it would
 * seem idle; and not at CLASS, whose stack the caller has in hand, and which is being sorted by what it does. */
static void note_event(struct thread_cache *cache, unsigned class, size_t count)
{
    cache->swing[class].moved = true;
    cache->moved_bytes += count * size_classes[class].size;
    size_t looks = size_minimum(cache->moved_bytes / BYTES_PER_LOOK, size_class_count);
    cache->moved_bytes %= BYTES_PER_LOOK;
    for (; looks > 0; looks--) {
        unsigned other = cache->next_looked_at++ % size_class_count;
        if (other != class)
            look_at(cache, other);
    }
}

/* --- refill and push ---------------------------------------------------------------------------------------------- */

/* The first refill of a stack brings so many blocks. */
#define FIRST_REFILL 4u

/* A refill of new memory brings this share of what the thread has of the class, or FRESH_BYTES, and no more than
 * others: what a class has too much of nobody else can use, and a class grows as fast as its need all the same. */
#define FRESH_SHARE 16
#define FRESH_BYTES 4096u

static uint32_t fresh_refill(const struct thread_cache *cache, unsigned class)
{
    int64_t share = shared_held(&cache->heap, class) / FRESH_SHARE,
            least = size_maximum(FRESH_BYTES / size_classes[class].size, 1);
    return (uint32_t)size_minimum(size_classes[class].refill, share > least ? share : least);
}

/* COUNT blocks of new memory come: as many as a full refill brings are one, to what goes by the number of refills. */
static bool completes_refill(struct thread_cache *cache, unsigned class, uint32_t count)
{
    struct stack_swing *swing = &cache->swing[class];
    swing->fresh = (uint16_t)(swing->fresh + count);
    if (swing->fresh < size_classes[class].refill)
        return false;
    swing->fresh = 0;
    return true;
}

static bool is_used_up(unsigned class)
{
    return size_classes[class].shared && shared_is_used_up(class);
}

static uint32_t next_refill(struct thread_cache *cache, unsigned class)
{
    struct stack_swing *swing = &cache->swing[class];
    uint32_t full = size_classes[class].refill;
    if (UNLIKELY(FIRST_REFILL << swing->refills < full))
        return FIRST_REFILL << swing->refills++;
    if (is_used_up(class)) {
        uint32_t count = fresh_refill(cache, class);
        if (completes_refill(cache, class, count))
            grow_with_flow(cache, class, swing->phase != SWING_DRAINED);
        return count;
    }
    grow_with_flow(cache, class, swing->phase != SWING_DRAINED);
    return (uint32_t)size_minimum(full << swing->doublings << is_flow(cache, class), limit_of(cache, class));
}

void *thread_cache_refill(struct thread_cache *cache, unsigned class)
{
    need_stack(cache, class);
    struct stack_swing *swing = &cache->swing[class];
    uint32_t want = next_refill(cache, class);
    void **bottom = bottom_of(cache, class);
    note_event(cache, class, want);
    uint32_t got = refill_take(&cache->heap, class, bottom + want, want);
    if (UNLIKELY(got == 0))
        return NULL;
    if (got < want)
        memmove(bottom, bottom + want - got, got * sizeof *bottom);
    set_top(cache, class, bottom + got - 1);
    swing->borrowed = 0;
    if (swing->phase == SWING_DRAINED)
        swing->phase = SWING_BACK;
    return bottom[got - 1];
}

/* Pops a block of CLASS; NULL from an empty stack. */
static void *pop(struct thread_cache *cache, unsigned class)
{
    void **top = top_of(cache, class);
    void *block = top[-1];
    if (block != NULL)
        set_top(cache, class, top - 1);
    return block;
}

void *thread_cache_take(struct thread_cache *cache, unsigned class)
{
    void *block = pop(cache, class);
    return block != NULL ? block : thread_cache_refill(cache, class);
}

/* A class lends if its stack has so many blocks, and they are this share of what the thread has of it: more than it
 * needs itself soon. (A stack whose capacity is as small, of blocks of 8 KiB and more, lends when it is full.) */
#define LEND_LEAST 4
#define LEND_SHARE 16

/* Whether blocks of LENDER, which are longer, serve CLASS as well as its own: they are all threads', and fill whole
 * cache lines if those do. */
static bool is_as_good(unsigned lender, unsigned class)
{
    return size_classes[lender].shared &&
           (size_classes[class].size % CACHE_LINE != 0 || size_classes[lender].size % CACHE_LINE == 0);
}

static bool has_enough(const struct thread_cache *cache, unsigned lender)
{
    size_t height = thread_cache_height(cache, lender);
    return height >= LEND_LEAST && (int64_t)height * LEND_SHARE >= shared_held(&cache->heap, lender);
}

/* The next class that lends to CLASS, which is used up; CLASS if there is none. */
static NOINLINE unsigned find_lender(const struct thread_cache *cache, unsigned class)
{
    for (unsigned lender = class + 1; lender <= class + size_classes[class].lenders; lender++)
        if (is_as_good(lender, class) && has_enough(cache, lender))
            return lender;
    return class;
}

/* The class whose block CLASS, whose stack is empty, borrows; CLASS if it is to be refilled. Not for ever does it
 * borrow, since each block costs a walk to here, and memory of its own only one. */
static unsigned lender_of(const struct thread_cache *cache, unsigned class)
{
    bool borrows = cache->swing[class].borrowed < HAK_PROFILE(size_classes_borrow_limit) && is_used_up(class);
    return borrows ? find_lender(cache, class) : class;
}

bool thread_cache_would_borrow(const struct thread_cache *cache, unsigned class)
{
    return lender_of(cache, class) != class;
}

/* What a refill does besides is done here as well: there may be none for long. */
static void *borrow(struct thread_cache *cache, unsigned class, unsigned lender)
{
    cache->swing[class].borrowed++;
    cache->swing[class].moved = true;
    refill_look_around(&cache->heap);
    heap_count(&cache->heap.counts.blocks_borrowed, 1);
    return pop(cache, lender);
}

void *thread_cache_take_or_borrow(struct thread_cache *cache, unsigned class)
{
    void *block = pop(cache, class);
    if (block != NULL)
        return block;
    unsigned lender = lender_of(cache, class);
    return lender != class ? borrow(cache, class, lender) : thread_cache_refill(cache, class);
}

/* So often must blocks have gone to the heap and come back before a stack first gets higher for it: to last that long,
 * a program must have worked for some milliseconds; a thread that has little to do, and then waits, keeps less. One
 * that has grown grows on at once: else thousands of drains would be the slowest calls of free. */
#define SWINGS_TO_GROW 16

/* The stack of CLASS is full, and the last drain's blocks had to be fetched back: whether it gets higher. */
static bool grow_with_swings(struct thread_cache *cache, unsigned class)
{
    struct stack_swing *swing = &cache->swing[class];
    return (swing->doublings > 0 || ++swing->swings >= SWINGS_TO_GROW) && grow(cache, class);
}

/* Makes room on a full stack: by growth where drained blocks have to be fetched back again and again, else by a drain.
 */
static void make_room(struct thread_cache *cache, unsigned class)
{
    struct stack_swing *swing = &cache->swing[class];
    bool grown = grow_with_flow(cache, class, swing->phase == SWING_DRAINED) ||
                 (swing->phase == SWING_BACK && grow_with_swings(cache, class));
    size_t share = size_minimum(HAK_PROFILE(thread_cache_drain_batch) << is_flow(cache, class), 100);
    size_t count = size_maximum(thread_cache_height(cache, class) * share / 100, 1);
    note_event(cache, class, count);
    swing->phase = SWING_DRAINED;
    if (!grown)
        drain(cache, class, count);
}

void thread_cache_push(struct thread_cache *cache, unsigned class, void *block)
{
    need_stack(cache, class);
    if (top_of(cache, class) >= cache->hot.limit[class])
        make_room(cache, class);
    void **top = top_of(cache, class);
    *top = block;
    set_top(cache, class, top + 1);
}

void thread_cache_drain_all(struct thread_cache *cache)
{
    for (unsigned class = 0; class < size_class_count; class ++) {
        empty(cache, class);
        cache->swing[class].refills = cache->swing[class].streak = 0;
    }
    remote_free_flush(&cache->remote, &cache->heap);
}

/* Puts the empty stack of CLASS back where it began; whether it had grown. */
static bool ungrow(struct thread_cache *cache, unsigned class)
{
    void **first = first_stack(cache, class), **bottom = bottom_of(cache, class);
    if (bottom == NO_STACK || bottom == first)
        return false;
    move_stack(cache, class, first);
    cache->swing[class] = (struct stack_swing){.phase = SWING_NONE};
    cache->hot.limit[class] = first + limit_of(cache, class);
    return true;
}

void thread_cache_ungrow(struct thread_cache *cache)
{
    bool had_grown = false;
    for (unsigned class = 0; class < size_class_count; class ++)
        had_grown |= ungrow(cache, class);
    if (!had_grown)
        return;
    char *from = (char *)round_up((uintptr_t)(grown_stack(cache, 0) - 1),
                                  os_page_bytes); /* zeros again: below each bottom a NULL */
    os_discard(from, (size_t)((char *)cache + thread_cache_bytes() - from));
}

size_t thread_cache_height(const struct thread_cache *cache, unsigned class)
{
    void **bottom = bottom_of(cache, class); /* first, see there */
    void **top = top_of(cache, class);
    atomic_thread_fence(memory_order_acquire); /* pairs with the release fence in move_stack */
    bool moved = atomic_load_explicit(&cache->bottom[class], memory_order_relaxed) != bottom;
    return moved || bottom == NO_STACK || top < bottom ? 0 : (size_t)(top - bottom);
}

size_t thread_cache_shared_bytes(const struct thread_cache *cache)
{
    size_t bytes = 0;
    for (unsigned class = 0; class < size_class_count; class ++)
        bytes += !size_classes[class].shared ? 0 : thread_cache_height(cache, class) * size_classes[class].size;
    return bytes;
}

bool thread_cache_is_sound(const struct thread_cache *cache, unsigned class)
{
    void **bottom = bottom_of(cache, class);
    const struct size_class *of = &size_classes[class];
    return bottom[-1] == NULL && thread_cache_height(cache, class) <= (size_t)of->limit << of->doublings;
}
