/* SPDX-License-Identifier: MIT */
#include "lib/heap/slab_guard.h"

#include "lib/base/guard_refusal.h"
#include "lib/base/os.h"
#include "lib/base/os_guard.h"
#include "lib/heap/size_class.h"

static char *guard_of(const struct page_run *run, size_t bytes)
{
    return run->base + (run->pages << PAGE_SHIFT) - bytes;
}

void slab_guard_close(const struct page_run *run, bool used)
{
    size_t bytes = size_class_guard_bytes((unsigned)run->pages);
    if (bytes == 0)
        return;
    if (UNLIKELY(!os_close(guard_of(run, bytes), bytes)))
        guard_refusal_note();
    else if (used)
        os_discard(guard_of(run, bytes), bytes);
}

bool slab_guard_open(const struct page_run *run)
{
    size_t bytes = size_class_guard_bytes((unsigned)run->pages);
    return bytes == 0 || os_make_writable(guard_of(run, bytes), bytes);
}
