/* SPDX-License-Identifier: MIT */
#include "lib/sample/stack_memo.h"

#include "lib/base/os.h"
#include "lib/base/splitmix.h"
#include "lib/space/metadata.h"
#include "lib/thread/thread_cache.h"

#include <string.h>

#define ENTRIES 64u

struct entry {
    uintptr_t sp;
    const void *caller;
    struct sample_record *record; /* NULL: there is none */
    bool varies;                  /* as `stack` has it */
    uint16_t places[STACK_PLACES];
};

struct stack_memo {
    uintptr_t thread; /* whose stacks these are */
    struct entry entries[ENTRIES];
};

static size_t index_of(uintptr_t sp, const void *caller, uint64_t bytes)
{
    return splitmix_scatter(sp ^ (uintptr_t)caller ^ bytes << 32) % ENTRIES;
}

static _Atomic uint64_t made; /* relaxed */

struct stack_memo *stack_memo_new(void)
{
    struct stack_memo *memo = metadata_new_pages(sizeof *memo);
    if (memo != NULL)
        atomic_fetch_add_explicit(&made, 1, memory_order_relaxed);
    return memo;
}

uint64_t stack_memo_bytes(void)
{
    return atomic_load_explicit(&made, memory_order_relaxed) * round_up(sizeof(struct stack_memo), METADATA_PAGE);
}

/* The calling thread, as no other one with another stack is called. */
static uintptr_t own_thread(void)
{
    return (uintptr_t)&thread_cache_of_thread;
}

/* Whether the return address of FRAME may be read, where that before it, if any, was. */
static bool may_read(const struct entry *entry, uint32_t frame)
{
    uintptr_t before = entry->sp + (frame > 0 ? entry->places[frame - 1] : 0) * sizeof before,
              here = entry->sp + entry->places[frame] * sizeof here;
    return (frame > 0 && !entry->varies) || before / os_page_bytes == here / os_page_bytes ||
           stack_has_word(entry->sp, entry->places[frame]);
}

struct sample_record *stack_memo_find(struct stack_memo *memo, uintptr_t sp, const void *caller, uint64_t bytes)
{
    const struct entry *entry = &memo->entries[index_of(sp, caller, bytes)];
    if (entry->record == NULL || entry->sp != sp || entry->caller != caller || entry->record->bytes != bytes ||
        memo->thread != own_thread())
        return NULL;
    for (uint32_t frame = 0; frame < entry->record->depth; frame++)
        if (!may_read(entry, frame) || stack_word(sp, entry->places[frame]) != entry->record->frames[frame])
            return NULL;
    return entry->record;
}

void stack_memo_keep(struct stack_memo *memo, uintptr_t sp, const void *caller, const struct stack *stack,
                     struct sample_record *record)
{
    if (!stack->has_places)
        return;
    if (memo->thread != own_thread())
        memset(memo, 0, sizeof *memo);
    memo->thread = own_thread();
    struct entry *entry = &memo->entries[index_of(sp, caller, record->bytes)];
    *entry = (struct entry){.sp = sp, .caller = caller, .record = record, .varies = stack->varies};
    memcpy(entry->places, stack->places, stack->depth * sizeof *stack->places);
}
