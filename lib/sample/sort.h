/* SPDX-License-Identifier: MIT */
/* Sorts words, each with a word that goes along, in place. (The C library's qsort may allocate, which a signal handler
 * must not.) Below: base. */
#ifndef HAK_SAMPLE_SORT_H
#define HAK_SAMPLE_SORT_H

#include "lib/base/compiler.h"

#include <stddef.h>
#include <stdint.h>

struct sort_item {
    uint64_t key;
    const void *value;
};

/* Ascending by key. */
COLD void sort_items(struct sort_item *items, size_t count);

#endif
