/* SPDX-License-Identifier: MIT */
/* The allocator that a sanitizer's runtime brings (AddressSanitizer, LeakSanitizer, MemorySanitizer, ThreadSanitizer).
 * What the sanitizer finds it finds by its own blocks; and while its runtime starts, which allocates, no other function
 * that it intercepts may be called. So where there is one in the process this library steps aside: it does not start,
 * and leaves every block to the runtime, also those of its hak_ names. A build without the C library's names does not:
 * such a program has chosen it, or tests it.
 *
 * Any thread may call anything here. Below: nothing. */
#ifndef HAK_BASE_SANITIZER_H
#define HAK_BASE_SANITIZER_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether there is such a runtime. The same from the first call to the last. */
COLD bool sanitizer_allocates(void);

/* Its allocator, where there is one. SIZE bytes at a multiple of ALIGNMENT, a power of two; NULL if refused. */
COLD void *sanitizer_take(size_t size, size_t alignment);
COLD void sanitizer_give(void *pointer);
COLD void *sanitizer_resize(void *pointer, size_t size);
COLD size_t sanitizer_usable(void *pointer);

#endif
