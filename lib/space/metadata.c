/* SPDX-License-Identifier: MIT */
#include "lib/space/metadata.h"

#include "lib/base/compiler.h"
#include "lib/base/count.h"
#include "lib/base/lock.h"
#include "lib/base/os_guard.h"

/* One mapping for about 1,000 slab descriptors: few system calls. Where that is refused, one for a fourth of them. */
#define CHUNK_BYTES ((size_t)256 << 10)
#define CHUNK_BYTES_LEAST PAGE_BYTES

static struct lock lock = LOCK_INITIALIZER;
static char *chunk;       /* under `lock`: what is left of the newest mapping, to its end */
static size_t chunk_left; /* under `lock`: bytes of it */
/* Written under `lock`, read without: bytes handed out, and of all chunks. */
static _Atomic uint64_t cut;
_Atomic uint64_t metadata_mapped;

/* Under `lock`: another chunk, with room for BYTES; false if it is refused. */
static bool map_chunk(size_t bytes)
{
    size_t mapped = round_up(size_maximum(bytes, CHUNK_BYTES), PAGE_BYTES);
    char *mapping = os_map_guarded(mapped);
    if (mapping == NULL) {
        mapped = round_up(size_maximum(bytes, CHUNK_BYTES_LEAST), PAGE_BYTES);
        mapping = os_map_guarded(mapped);
    }
    if (mapping == NULL)
        return false;
    chunk = mapping;
    chunk_left = mapped;
    count_add(&metadata_mapped, mapped);
    return true;
}

void *metadata_new(size_t bytes)
{
    void *result = NULL;
    bytes = round_up(bytes, CACHE_LINE);
    lock_take(&lock);
    if (bytes <= chunk_left || map_chunk(bytes)) {
        result = chunk;
        chunk += bytes;
        chunk_left -= bytes;
        count_add(&cut, bytes);
    }
    lock_release(&lock);
    return result;
}

/* Whole pages come from the end of the chunk, which is aligned; descriptors from its start. */
void *metadata_new_pages(size_t bytes)
{
    void *result = NULL;
    bytes = round_up(bytes, METADATA_PAGE);
    lock_take(&lock);
    if (bytes <= chunk_left || map_chunk(bytes)) {
        chunk_left -= bytes;
        result = chunk + chunk_left;
        count_add(&cut, bytes);
    }
    lock_release(&lock);
    return result;
}

uint64_t metadata_bytes(void)
{
    return count_read(&cut);
}

uint64_t metadata_mapped_bytes(void)
{
    return count_read(&metadata_mapped);
}

void metadata_lock(void)
{
    lock_take(&lock);
}

void metadata_unlock(void)
{
    lock_release(&lock);
}

void metadata_reset_lock(void)
{
    lock_reset(&lock);
}
