/* How large a block is: malloc_usable_size and what realloc needs of it. Below: page_map, size_class, large. */
#ifndef HAK_API_USABLE_H
#define HAK_API_USABLE_H

#include <stddef.h>

/* Bytes that may be used in the block at POINTER, which is not NULL. Ends the program if it is no block; FUNCTION names the caller. Any thread. */
size_t usable_bytes(const void *pointer, const char *function);

#endif
