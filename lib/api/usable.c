/* SPDX-License-Identifier: MIT */
#include "lib/api/usable.h"

#include "lib/api/free.h"
#include "lib/base/bootstrap_arena.h"
#include "lib/base/gate.h"
#include "lib/space/aside.h"
#include "lib/space/fork_arena.h"
#include "lib/space/large.h"

#include <hakmem/hakmem.h>

static size_t usable_large(const void *pointer, const char *function)
{
    if (UNLIKELY(!gate_enter()))
        return large_usable_during_fork(pointer);
    size_t bytes = large_usable(pointer, function);
    gate_leave();
    return bytes;
}

NOINLINE size_t usable_bytes_elsewhere(const void *pointer, uint32_t entry, const char *function)
{
    if (entry == PAGE_LARGE)
        return usable_large(pointer, function);
    if (bootstrap_owns(pointer))
        return bootstrap_usable(pointer);
    if (fork_arena_owns(pointer))
        return fork_arena_usable(pointer);
    if (aside_serves())
        return aside_usable((void *)(uintptr_t)pointer);
    free_report_foreign(pointer, function);
}

HAK_EXPORT size_t hak_malloc_usable_size(void *pointer)
{
    return pointer != NULL ? usable_bytes(pointer, "malloc_usable_size") : 0;
}
