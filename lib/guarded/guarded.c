/* SPDX-License-Identifier: MIT */
#include "lib/guarded/guarded.h"

#include "lib/base/os.h"
#include "lib/base/os_guarded.h"
#include "lib/guarded/describe.h"
#include "lib/guarded/fault.h"
#include "lib/sample/stack_walk.h"
#include "lib/space/guarded_slots.h"
#include "lib/thread/sample_clock.h"

#include <stdint.h>
#include <string.h>

static NOINLINE void note_stack(struct guarded_stack *kept, const void *caller)
{
    struct stack stack;
    stack_walk(&stack, (uintptr_t)__builtin_frame_address(0), caller);
    kept->depth = (uint32_t)size_minimum(stack.depth, GUARDED_FRAMES);
    memcpy(kept->frames, stack.frames, kept->depth * sizeof *kept->frames);
    kept->thread = os_thread();
}

void *guarded_take(size_t size, size_t alignment, const void *caller)
{
    size = size_maximum(size, 1);
    uint64_t random = sample_clock_seed();
    if (size > os_page_bytes || alignment > os_page_bytes || !guarded_slots_admit(random >> 1))
        return NULL;
    struct guarded_slot *slot = guarded_slot_take();
    if (UNLIKELY(slot == NULL))
        return NULL;
    note_stack(&slot->allocated, caller);
    fault_watch();
    return guarded_slot_open(slot, size, alignment, (random & 1) != 0);
}

void guarded_give(void *pointer, const void *caller)
{
    struct guarded_slot *slot = guarded_slot_near(pointer);
    if (UNLIKELY(slot == NULL || slot->block != pointer || !guarded_slot_begin_free(slot))) {
        describe_wrong_pointer(slot, pointer, "free");
        return;
    }
    ptrdiff_t broken = guarded_slot_broken(slot);
    if (UNLIKELY(broken != 0))
        describe_broken(slot, broken, "free");
    note_stack(&slot->freed, caller);
    fault_watch(); /* the next access may be wrong */
    guarded_slot_end_free(slot);
}

size_t guarded_usable(const void *pointer, const char *function)
{
    const struct guarded_slot *slot = guarded_slot_near(pointer);
    if (LIKELY(slot != NULL && slot->block == pointer && guarded_slot_state(slot) == GUARDED_LIVE))
        return slot->size;
    describe_wrong_pointer(slot, pointer, function);
    return GUARDED_NONE;
}
