/* SPDX-License-Identifier: MIT */
/* Frees that name the size of the block, which the page map knows as well: whether the block has so many bytes. (It may
 * have more, by a loan, by realloc, or because there was no memory for a shorter one.) For those that are rare; C++'s
 * delete of an object without an alignment of its own is not. Below: free, usable. */
#ifndef HAK_API_SIZED_H
#define HAK_API_SIZED_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether the block at POINTER has fewer bytes than SIZE, or is none: then that is reported (report_misuse),
 * and the block is not to be freed. FUNCTION names the caller. What is NULL, or not this library's, is for free. */
bool sized_is_wrong(const void *pointer, size_t size, const char *function);

/* The same of an object of SIZE bytes at a multiple of ALIGNMENT that operator delete gets, by a profile with measures
 * of security: then the size has to be that which was asked for, or what that is rounded up to. */
bool sized_is_not_object(const void *pointer, size_t size, size_t alignment);

#endif
