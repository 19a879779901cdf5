/* SPDX-License-Identifier: MIT */
/* Every system call that the allocator makes, and so the one place where the kernel can say no. doc/system-calls.md
 * lists them; what programs that forbid themselves system calls after their start rely on is that no other is made by
 * then.
 *
 * Nothing here allocates or has a lock; any thread may call anything. Functions that can fail say so and leave errno as
 * they found it: an allocator's internal troubles must not show in the program's errno. */
#ifndef HAK_BASE_OS_H
#define HAK_BASE_OS_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kernel's page size in bytes (4, 16 or 64 KiB); valid from os_start on. */
extern size_t os_page_bytes;

/* Bytes of a transparent huge page, or 0 where the kernel has none; as at the start. */
size_t os_huge_page_bytes(void);

/* Reads the page size and what the system says of huge pages; opens a file. Called once, before anything else here. */
COLD void os_start(void);

/* BYTES (a multiple of the page size) of zeroed, readable and writable memory; NULL if refused. */
void *os_map(size_t bytes);

/* The same, and the kernel never puts huge pages behind it: for memory that is touched here and there. */
void *os_map_sparse(size_t bytes);

/* As os_map, with its address a multiple of ALIGNMENT (a power of two, at least a page). */
void *os_map_aligned(size_t bytes, size_t alignment);

/* The same from the kernel's pool of huge pages (MAP_HUGETLB) of os_huge_page_bytes; NULL where none are reserved, or
 * BYTES is no multiple. */
void *os_map_hugetlb(size_t bytes, size_t alignment);

/* Address space that costs nothing: zeros, readable, not counted against overcommit, nor in a core dump. NULL if
 * refused. */
void *os_reserve(size_t bytes);

/* Makes whole pages of reserved memory writable, which counts as memory under strict overcommit. False if refused. */
bool os_make_writable(void *address, size_t bytes);

/* Gives memory and its addresses back. */
void os_unmap(void *address, size_t bytes);

/* Lets go of pages of a file that are mapped without being written to; whoever touches one reads it anew. The kernel
 * brings the pages round a missing one as well, but only those of the same mapping: advice of their own (MADV_RANDOM)
 * makes them one. */
void os_drop_file(void *address, size_t bytes);

/* Gives the memory back and keeps the addresses. After os_discard they read as zeros; after os_discard_lazily
 * (MADV_FREE) as zeros or as before. False if refused: then the memory is unchanged. */
bool os_discard(void *address, size_t bytes);
bool os_discard_lazily(void *address, size_t bytes);

/* Whether a fresh mapping, of which ADDRESS has a page, is locked in memory (mlockall); and whether the next one would
 * be. Such are resident as a whole, and cannot be discarded. */
bool os_is_locked(void *address);
bool os_locks_mappings(void);

/* Whether core dumps have this range. */
void os_set_dumped(void *address, size_t bytes, bool dumped);

/* Asks for huge pages (true) or for none (false) behind this range. False if refused. */
bool os_advise_huge(void *address, size_t bytes, bool huge);

/* Makes huge pages of the range at once (MADV_COLLAPSE, Linux 6.1) where it has memory in each of them; what it holds
 * stays as it is. False if refused. */
bool os_collapse(void *address, size_t bytes);

/* Whether transparent huge pages are switched off for all the system, which os_collapse would override; as at the
 * start. */
bool os_huge_pages_are_switched_off(void);

/* Touches every STEP bytes. Nobody else may be using the range. */
void os_touch(void *address, size_t bytes, size_t step);

/* Touches every page in advance; as os_touch. */
void os_prefault(void *address, size_t bytes);

/* Moves a mapping of OLD_BYTES at ADDRESS onto TARGET, a mapping of NEW_BYTES that it replaces, without copying
 * (mremap). The new part reads as zeros. False if refused: then the old mapping stands, and TARGET's addresses are lost
 * (the kernel may have freed them already, and another thread may have got them, so nobody may unmap them). */
bool os_move(void *address, size_t old_bytes, void *target, size_t new_bytes);

/* Moves the memory of BYTES at ADDRESS onto TARGET, a mapping that it replaces, without copying; ADDRESS stays mapped
 * and reads as zeros (MREMAP_DONTUNMAP, Linux 5.7). False if refused, as where the kernel has several mappings there:
 * then all is as it was. */
bool os_move_memory(void *address, size_t bytes, void *target);

/* Grows a mapping where it is; false if there is no room behind it. */
bool os_extend(void *address, size_t old_bytes, size_t new_bytes);
/* The same by another mapping behind it. */
bool os_map_behind(void *address, size_t old_bytes, size_t new_bytes);

/* Resident bytes of a range (mincore). */
COLD size_t os_resident(const void *address, size_t bytes);

/* Waits until *WORD is not VALUE any more and somebody says so (os_wake), for MILLISECONDS at most; false if these have
 * passed. No cancellation point. */
bool os_wait(_Atomic uint32_t *word, uint32_t value, unsigned milliseconds);
void os_wake(_Atomic uint32_t *word);

/* Milliseconds of a clock that hardly ever goes back; coarse (4 ms), because the slow paths ask often. Where the kernel
 * has no vDSO, and so would have to be called, the processor's counter, whose milliseconds are about as long. */
uint64_t os_milliseconds(void);

/* Microseconds of a clock that never goes back, for how long a call of the kernel took. */
uint64_t os_microseconds(void);

#endif
