/* SPDX-License-Identifier: MIT */
#include "lib/sample/stack_report.h"

#include "lib/base/os_filter.h"
#include "lib/base/report.h"
#include "lib/sample/modules.h"
#include "lib/sample/stack_walk.h"
#include "lib/sample/symbols.h"

/* A path and a name; what is longer is cut. */
#define PLACE_BYTES 768

static NOINLINE void write_frame(const struct symbols *symbols, uint32_t number, uintptr_t call)
{
    char text[PLACE_BYTES];
    struct writer writer = writer_start(text, sizeof text);
    symbols_locate(symbols, call, &writer);
    report_detail("#%u %s", number, text);
}

static void write_frames(struct symbols *symbols, const uintptr_t *frames, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++)
        symbols_add(symbols, frames[i] - 1);
    if (!os_is_filtered())
        symbols_find(symbols);
    for (uint32_t i = 0; i < depth; i++)
        write_frame(symbols, i, frames[i] - 1);
}

void stack_report_write(const uintptr_t *frames, uint32_t depth)
{
    struct symbols symbols;
    depth = (uint32_t)size_minimum(depth, STACK_REPORT_FRAMES);
    if (depth == 0 || !symbols_begin(&symbols, depth))
        return;
    write_frames(&symbols, frames, depth);
    symbols_end(&symbols);
}

void stack_report_write_own(void)
{
    struct stack stack;
    stack_walk(&stack, (uintptr_t)__builtin_frame_address(0), NULL);
    stack_report_write(stack.frames, stack.depth);
}

static void write_call(const void *subject)
{
    (void)subject;
    stack_report_write_own();
}

void stack_report_start(void)
{
    modules_start();
    report_set_details(write_call);
}
