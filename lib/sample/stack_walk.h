/* SPDX-License-Identifier: MIT */
/* Takes the calling thread's call stack, by the unwind tables (frame_rule.h), or by the frame pointers where there are
 * none (code that a program has made at run time). No lock is taken, nothing is allocated: malloc may be called by
 * whoever holds the loader's lock or the C++ runtime's, or by these themselves. The rules are remembered by address, so
 * a frame takes some nanoseconds.
 *
 * Any thread and any signal handler may call anything. Below: frame_rule, base. */
#ifndef HAK_SAMPLE_STACK_WALK_H
#define HAK_SAMPLE_STACK_WALK_H

#include <stdbool.h>
#include <stdint.h>

/* Frames of a stack that are kept, from the innermost on. */
#define STACK_FRAMES_MOST 128

/* Of these it is known where in the stack they stand. */
#define STACK_PLACES 32

struct stack {
    uint32_t depth;
    bool has_places;                     /* for all frames */
    bool varies;                         /* the addresses of the code alone do not say where: a frame has any length */
    uint16_t places[STACK_PLACES];       /* words from `sp` to where each return address stands */
    uintptr_t frames[STACK_FRAMES_MOST]; /* return addresses, innermost first */
};

/* The return address that stands PLACE words above SP. */
uintptr_t stack_word(uintptr_t sp, uint16_t place);

/* Whether the kernel says that there is memory where it stands; true where the kernel says nothing. */
bool stack_has_word(uintptr_t sp, uint16_t place);

/* Takes the stack of the calling thread, without the frames of this library. In a program that is linked with the
 * archive, without those before the one that returns to CALLER: functions that call malloc in their turn (realloc) are
 * there then; a CALLER of NULL takes all frames there. SP is an address below all frames of others. */
void stack_walk(struct stack *stack, uintptr_t sp, const void *caller);

#endif
