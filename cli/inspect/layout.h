/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a process's libhakmem says of its structures (hakmem/inspect.h): where members lie in the bytes that are read.
 *
 * Constant once it is read; any thread may use it. Below: memory. */
#ifndef HAK_INSPECT_LAYOUT_H
#define HAK_INSPECT_LAYOUT_H

#include "cli/inspect/memory.h"

#include <hakmem/inspect.h>

struct layout {
    struct hak_inspect_root root;
    struct hak_inspect_place member[HAK_INSPECT_MEMBER_COUNT];
};

enum layout_result {
    LAYOUT_READ,
    LAYOUT_UNREADABLE,   /* it is not there, or no root */
    LAYOUT_OTHER_VERSION /* root.library and root.version say which; nothing else of it means anything */
};

enum layout_result layout_read(struct layout *layout, struct memory *memory, uint64_t address);

/* Where the variable is. */
static inline uint64_t layout_variable(const struct layout *layout, enum hak_inspect_variable variable)
{
    return (uint64_t)(uintptr_t)layout->root.variable[variable];
}

static inline uint32_t layout_offset(const struct layout *layout, enum hak_inspect_member member)
{
    return layout->member[member].offset;
}

static inline uint32_t layout_bytes(const struct layout *layout, enum hak_inspect_member member)
{
    return layout->member[member].bytes;
}

/* The number of BYTES, 1, 2, 4 or 8, at AT. */
uint64_t layout_load(const void *at, size_t bytes);

/* The member of the structure that OBJECT is a copy of. */
static inline uint64_t layout_get(const struct layout *layout, enum hak_inspect_member member, const void *object)
{
    return layout_load((const char *)object + layout_offset(layout, member), layout_bytes(layout, member));
}

/* Element INDEX of the array at ARRAY, whose first element the member is. */
static inline uint64_t layout_element(const struct layout *layout, enum hak_inspect_member member, const void *array,
                                      size_t index)
{
    uint32_t bytes = layout_bytes(layout, member);
    return layout_load((const char *)array + index * bytes, bytes);
}

#endif
