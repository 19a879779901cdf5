/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See layout.h. */
#include "config.h"

#include "cli/inspect/layout.h"

#include <string.h>

/* No structure of the library is nearly as long; a root that says otherwise is none. */
#define MOST_BYTES ((uint32_t)1 << 20)
#define MOST_ELEMENTS ((uint32_t)1 << 20)

uint64_t layout_load(const void *at, size_t bytes)
{
    uint64_t eight;
    uint32_t four;
    uint16_t two;
    switch (bytes) {
    case sizeof eight:
        memcpy(&eight, at, sizeof eight);
        return eight;
    case sizeof four:
        memcpy(&four, at, sizeof four);
        return four;
    case sizeof two:
        memcpy(&two, at, sizeof two);
        return two;
    default:
        return *(const uint8_t *)at;
    }
}

static bool is_in_bounds(uint32_t number)
{
    return number > 0 && number <= MOST_ELEMENTS;
}

/* Whether the figures are such that nothing that is computed of them overflows. */
static bool is_sane(const struct layout *layout)
{
    const struct hak_inspect_root *root = &layout->root;
    for (size_t i = 0; i < HAK_INSPECT_MEMBER_COUNT; i++)
        if (layout->member[i].offset > MOST_BYTES || layout->member[i].bytes > MOST_BYTES || !layout->member[i].bytes)
            return false;
    return root->pointer_bytes == sizeof(void *) && root->page_shift >= 12 && root->page_shift < 32 &&
           root->class_bits < 32 && is_in_bounds(root->classes_most) && is_in_bounds(root->page_heaps) &&
           is_in_bounds(root->pages_most) && is_in_bounds(root->leaf_pages) && is_in_bounds(root->leaf_buckets);
}

enum layout_result layout_read(struct layout *layout, struct memory *memory, uint64_t address)
{
    struct hak_inspect_root *root = &layout->root;
    size_t head = offsetof(struct hak_inspect_root, pointer_bytes);
    if (!memory_read(memory, address, root, head) || memcmp(root->magic, HAK_INSPECT_MAGIC, sizeof root->magic) != 0)
        return LAYOUT_UNREADABLE;
    root->library[sizeof root->library - 1] = '\0';
    if (root->version != HAK_INSPECT_VERSION || root->bytes < sizeof *root)
        return LAYOUT_OTHER_VERSION;
    if (!memory_read(memory, address, root, sizeof *root))
        return LAYOUT_UNREADABLE;
    root->library[sizeof root->library - 1] = '\0';
    if (root->member_count < HAK_INSPECT_MEMBER_COUNT || root->variable_count < HAK_INSPECT_VARIABLE_COUNT)
        return LAYOUT_OTHER_VERSION;
    if (!memory_read(memory, (uint64_t)(uintptr_t)root->member, layout->member, sizeof layout->member) ||
        !is_sane(layout))
        return LAYOUT_UNREADABLE;
    return LAYOUT_READ;
}
