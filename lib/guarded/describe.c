/* SPDX-License-Identifier: MIT */
#include "lib/guarded/describe.h"

#include "lib/base/os_guarded.h"
#include "lib/base/report.h"
#include "lib/base/writer.h"
#include "lib/sample/stack_report.h"

#include <inttypes.h>
#include <stdint.h>

/* --- stacks ------------------------------------------------------------------------------------------------------- */

static void write_stack(const char *what, const struct guarded_stack *stack)
{
    report_detail("%s by thread %" PRIu32 "%s", what, stack->thread, stack->depth != 0 ? ":" : "; no stack is known");
    stack_report_write(stack->frames, stack->depth);
}

static bool was_freed(const struct guarded_slot *slot)
{
    enum guarded_state state = guarded_slot_state(slot);
    return state == GUARDED_FREED || state == GUARDED_LEFT;
}

static void write_history(const struct guarded_slot *slot)
{
    if (was_freed(slot))
        write_stack("freed", &slot->freed);
    write_stack("allocated", &slot->allocated);
}

/* SUBJECT is a slot, or NULL. */
static void write_details(const void *subject)
{
    stack_report_write_own();
    if (subject != NULL)
        write_history(subject);
}

void describe_start(void)
{
    report_set_details(write_details);
}

/* --- places ------------------------------------------------------------------------------------------------------- */

#define PLACE_BYTES 64

/* "1 byte behind", which is the first one that is no byte of the block; TEXT has PLACE_BYTES. */
static const char *place_of(const struct guarded_slot *slot, const void *address, char *text)
{
    ptrdiff_t offset = (const char *)address - slot->block, behind = offset - (ptrdiff_t)slot->size + 1;
    struct writer writer = writer_start(text, PLACE_BYTES);
    const char *where = " inside of";
    if (offset < 0) {
        where = " before";
        offset = -offset;
    } else if (behind > 0) {
        where = " behind";
        offset = behind;
    }
    writer_add_number(&writer, (uint64_t)offset);
    writer_add(&writer, offset == 1 ? " byte" : " bytes");
    writer_add(&writer, where);
    return text;
}

static const char *state_of(const struct guarded_slot *slot)
{
    return was_freed(slot) ? "freed block" : "block";
}

void describe_wrong_pointer(const struct guarded_slot *slot, const void *pointer, const char *function)
{
    char place[PLACE_BYTES];
    if (slot == NULL)
        report_misuse("%s: %p is not the start of a block (it lies among guarded ones)", function, pointer);
    else if (slot->block != pointer)
        report_misuse_of(
            slot, "%s: %p is not the start of a block (it lies %s a guarded %s of %" PRIu32 " bytes at %p)", function,
            pointer, place_of(slot, pointer, place), state_of(slot), slot->size, (const void *)slot->block);
    else if (function[0] == 'f')
        report_misuse_of(slot, "%s: double free of %p, a guarded block of %" PRIu32 " bytes", function, pointer,
                         slot->size);
    else
        report_misuse_of(slot, "%s: use of freed block %p, a guarded one of %" PRIu32 " bytes", function, pointer,
                         slot->size);
}

void describe_broken(const struct guarded_slot *slot, ptrdiff_t broken, const char *function)
{
    char place[PLACE_BYTES];
    report_misuse_of(slot, "%s: block %p was written to %s its bytes (a guarded block of %" PRIu32 " bytes)", function,
                     (const void *)slot->block, place_of(slot, slot->block + broken, place), slot->size);
}

void describe_fault(const struct guarded_slot *slot, const void *address, const char *how, const uintptr_t *frames,
                    uint32_t depth)
{
    char place[PLACE_BYTES];
    const char *what = was_freed(slot) ? "use after free" : "out of bounds";
    report_line("%s: %s at %p, %s a guarded %s of %" PRIu32 " bytes at %p, by thread %" PRIu32, what, how, address,
                place_of(slot, address, place), state_of(slot), slot->size, (const void *)slot->block, os_thread());
    stack_report_write(frames, depth);
    write_history(slot);
}
