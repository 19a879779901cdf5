/* SPDX-License-Identifier: MIT */
#include "lib/sample/sort.h"

/* Lets the item at ROOT sink until none below it is larger (J. W. J. Williams: Heapsort, Communications of the ACM 7,
 * 1964). */
static void sink(struct sort_item *items, size_t root, size_t count)
{
    struct sort_item item = items[root];
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        child += child + 1 < count && items[child + 1].key > items[child].key;
        if (items[child].key <= item.key)
            break;
        items[root] = items[child];
    }
    items[root] = item;
}

void sort_items(struct sort_item *items, size_t count)
{
    for (size_t root = count / 2; root > 0; root--)
        sink(items, root - 1, count);
    for (size_t end = count; end > 1; end--) {
        struct sort_item largest = items[0];
        items[0] = items[end - 1];
        items[end - 1] = largest;
        sink(items, 0, end - 1);
    }
}
