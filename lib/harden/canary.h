/* SPDX-License-Identifier: MIT */
/* Canaries (security.canaries): behind the bytes that a small block was asked for stands a pattern of 8 to 16 bytes, as
 * many as there are, which differs from block to block and from process to process. Who writes behind the end, and be
 * it one byte, breaks it, which is seen when the block is freed, or its size is asked for.
 *
 * Whoever has the block, or frees it. Below: size_class, base/secret. */
#ifndef HAK_HARDEN_CANARY_H
#define HAK_HARDEN_CANARY_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A canary's least length. */
#define CANARY_BYTES sizeof(uint64_t)

/* Writes the canary of the block of CLASS at BLOCK, of which ASKED bytes are the program's. */
void canary_set(unsigned class, void *block, size_t asked);

/* Whether it is as canary_set has left it; if not that is reported (report_misuse), and FUNCTION names the caller. */
bool canary_is_whole(unsigned class, const void *block, size_t asked, const char *function);

#endif
