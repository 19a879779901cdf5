/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FNV-1a, 64 bits: whether what a journal was made with is the same. Any thread. */
#ifndef HAK_JOURNAL_HASH_H
#define HAK_JOURNAL_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)
#define HASH_FACTOR UINT64_C(0x100000001b3)

/* HASH, or HASH_START, with LENGTH more bytes. */
static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ byte[i]) * HASH_FACTOR;
    return hash;
}

#endif
