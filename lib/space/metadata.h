/* SPDX-License-Identifier: MIT */
/* Memory for the allocator's own descriptors: cut from mappings of its own, apart from all user memory, and never given
 * back, so that a descriptor's address stays readable for ever. Kinds of descriptors that come and go keep free lists
 * of their own. The kernel puts no huge pages behind it: of a descriptor for each thread, many threads touch little.
 * An inaccessible page before and behind each mapping ends what runs over from user memory. Thread-safe. Below:
 * base/os_guard. */
#ifndef HAK_SPACE_METADATA_H
#define HAK_SPACE_METADATA_H

#include "lib/base/compiler.h"

#include <stddef.h>
#include <stdint.h>

/* BYTES of zeros, aligned to a cache line; NULL if the kernel refuses. */
void *metadata_new(size_t bytes);

/* The same, aligned to METADATA_PAGE: for what is long, and touched in part. */
#define METADATA_PAGE ((size_t)4096)
void *metadata_new_pages(size_t bytes);

/* Bytes cut so far, and of the mappings that they are cut from. Without a lock. */
uint64_t metadata_bytes(void);
uint64_t metadata_mapped_bytes(void);

/* Where that is counted: for metadata.c, and for observe/root.c. */
extern HIDDEN _Atomic uint64_t metadata_mapped;

/* For fork: all locks of this file. */
void metadata_lock(void);
void metadata_unlock(void);
void metadata_reset_lock(void);

#endif
