/* SPDX-License-Identifier: MIT */
/* libhakmem: a memory allocator whose every structural decision is read from a tuning profile.
 *
 * Every function exists under the hak_ name declared here and, unless the library was configured with
 * --disable-interpose, under the C library's own name too. All are thread-safe, and safe in the child of a fork. None
 * is async-signal-safe, as in the C library. Where a standard or a manual page describes a function of the C library,
 * hak_FUNCTION keeps the same promises.
 *
 * What the library has to say of its own accord (a profile that cannot be used, a misuse before it ends the program,
 * the statistics of HAKMEM_STATS=1) is written to file descriptor 2 as long as that is the file that it was when the
 * library started. Where the program has closed or redirected it nothing is written, as it may be a file of the
 * program's data. */
#ifndef HAKMEM_HAKMEM_H
#define HAKMEM_HAKMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define HAK_MALLOC_ATTRIBUTES __attribute__((malloc, warn_unused_result))
#else
#define HAK_MALLOC_ATTRIBUTES
#endif

/* --- allocation --------------------------------------------------------------------------------------------------- */

/* At least SIZE bytes, aligned to 16 (ISO C 7.24.3). SIZE 0 gives a unique pointer that can be freed. NULL with errno
 * ENOMEM where there is no memory, or SIZE is above PTRDIFF_MAX. */
void *hak_malloc(size_t size) HAK_MALLOC_ATTRIBUTES;
/* Gives a block back. NULL is ignored; errno is kept (POSIX.1-2024). A pointer that is no block of this allocator ends
 * the program. */
void hak_free(void *pointer);
/* COUNT * SIZE bytes of zeros; NULL with ENOMEM also where the product overflows. */
void *hak_calloc(size_t count, size_t size) HAK_MALLOC_ATTRIBUTES;
/* Changes a block's size, moving it if need be; on failure the old block is untouched. SIZE 0 with a block frees it and
 * gives NULL, as in the GNU C library; hak_realloc(NULL, size) is hak_malloc(size). */
void *hak_realloc(void *pointer, size_t size) __attribute__((warn_unused_result));
/* hak_realloc(pointer, count * size), but NULL with ENOMEM where the product overflows. */
void *hak_reallocarray(void *pointer, size_t count, size_t size) __attribute__((warn_unused_result));

/* ALIGNMENT: a power of two and a multiple of sizeof(void *), else EINVAL. Returns 0, EINVAL or ENOMEM; *RESULT is set
 * on success only, and errno is kept. */
int hak_posix_memalign(void **result, size_t alignment, size_t size);
/* ALIGNMENT: a power of two, else NULL with EINVAL. SIZE need not be a multiple of it. */
void *hak_aligned_alloc(size_t alignment, size_t size) HAK_MALLOC_ATTRIBUTES;
/* As the GNU C library: an ALIGNMENT that is not a power of two is rounded up to one. */
void *hak_memalign(size_t alignment, size_t size) HAK_MALLOC_ATTRIBUTES;
/* Aligned to the system's page size. pvalloc rounds SIZE up to whole pages as well. */
void *hak_valloc(size_t size) HAK_MALLOC_ATTRIBUTES;
void *hak_pvalloc(size_t size) HAK_MALLOC_ATTRIBUTES;

/* Bytes that may be used in the block, at least what was asked for; 0 for NULL. */
size_t hak_malloc_usable_size(void *pointer);
/* C23 7.24.3.4 and .5: free with the size (and alignment) that was asked for. */
void hak_free_sized(void *pointer, size_t size);
void hak_free_aligned_sized(void *pointer, size_t alignment, size_t size);

/* --- introspection: as the GNU C library's ------------------------------------------------------------------------ */

/* The fields of the GNU C library's struct mallinfo2 (mallinfo(3)), in bytes where they are bytes. Blocks are counted
 * by this heap's structure: as soon as a size is in use a slab has been cut into blocks of it, all of which but one are
 * free (ordblks), and some of which are in the thread's cache (smblks). So a program that has allocated little reads
 * thousands and dozens here, where the GNU C library has 1 and 0: a heap of one free chunk, whose fast bins are empty.
 * No figure follows from mallopt. */
struct hak_mallinfo2 {
    size_t arena;    /* bytes in SuperSlabs: uordblks + fordblks */
    size_t ordblks;  /* free blocks in slabs and in thread caches */
    size_t smblks;   /* blocks in thread caches */
    size_t hblks;    /* large mappings of their own */
    size_t hblkhd;   /* bytes in them */
    size_t usmblks;  /* always 0, as in the GNU C library */
    size_t fsmblks;  /* bytes in thread caches */
    size_t uordblks; /* bytes in use in SuperSlabs, by the blocks' usable sizes */
    size_t fordblks; /* bytes free in SuperSlabs */
    size_t keepcost; /* bytes of empty pages: hak_malloc_trim(0) gives these back, and more */
};
struct hak_mallinfo2 hak_mallinfo2(void);
/* Gives empty memory back to the kernel now, but for PAD bytes of it: also what the calling thread's cache and the kept
 * caches of ended threads hold, and the kernel's pages without a block inside of slabs that are in use (of other
 * threads' slabs, those that belong to all threads alone). Returns 1 if any went back, else 0. */
int hak_malloc_trim(size_t pad);
/* What hak_stats_print prints, on stderr. No cancellation point; nor is hak_malloc_info. */
void hak_malloc_stats(void);
/* An XML document on STREAM. OPTIONS must be 0, else -1 with EINVAL. */
int hak_malloc_info(int options, FILE *stream);
/* Known PARAMETERs (mallopt(3)) are accepted and have no effect: the profile decides. Returns 1, or 0 for an unknown
 * one. */
int hak_mallopt(int parameter, int value);

/* --- statistics --------------------------------------------------------------------------------------------------- */

/* What the structures count, added up. Fields are only ever appended: the caller passes the size it was compiled with.
 */
struct hak_stats {
    /* memory, in bytes */
    uint64_t live_bytes;   /* in blocks that the program holds, as usable size; a block that another thread than its
                              owner has freed counts until the owner takes it back */
    uint64_t live_blocks;  /* how many those are */
    uint64_t cached_bytes; /* in thread caches, also in those that are kept of threads that ended */
    uint64_t mapped_bytes; /* address space mapped for blocks now */
    uint64_t peak_mapped_bytes;  /* the largest for SuperSlabs and the largest for other mappings, added */
    uint64_t resident_bytes;     /* of it resident, as the kernel says (mincore); 0: not known */
    uint64_t metadata_bytes;     /* mapped for descriptors and caches */
    uint64_t large_cached_bytes; /* freed blocks of more than 64 KiB, kept for reuse until their purge */
    /* structures */
    uint64_t superslabs; /* mapped now, for blocks of up to 64 KiB */
    uint64_t peak_superslabs;
    uint64_t superslabs_mapped;   /* mapped over the process's life */
    uint64_t superslabs_unmapped; /* given back over the process's life */
    uint64_t slabs;               /* in use */
    uint64_t heaps;               /* made */
    uint64_t heaps_idle;          /* of them waiting for a thread */
    uint64_t large_blocks;        /* page runs and mappings in use */
    /* events since the start */
    uint64_t refills;
    uint64_t drains;
    uint64_t refilled_objects;
    uint64_t drained_objects;
    uint64_t remote_flushes; /* buffers handed back to other heaps */
    uint64_t remote_objects; /* objects in them */
    uint64_t slabs_adopted;  /* taken over from idle heaps */
    uint64_t purges;         /* calls that gave memory back */
    uint64_t purged_bytes;
    uint64_t zero_fills_spared;  /* calloc blocks known to be zero */
    uint64_t pool_failures;      /* requests that the shared pool could not serve ("fallback events") */
    uint64_t cache_corruptions;  /* thread-cache stacks that this call found in an impossible state */
    uint64_t huge_page_requests; /* SuperSlabs for which huge pages were asked for */
    uint64_t huge_page_refusals; /* of them refused by the kernel */
    uint64_t prefaulted_bytes;   /* touched in advance, as pages.prefault says */
    uint64_t heaps_kept; /* of the idle ones those that still hold what their threads had cached (thread_cache.keep) */
    uint64_t objects_borrowed; /* of a larger size class, instead of memory that nothing had used yet
                                  (size_classes.borrow) */
};

/* Fills in the first SIZE bytes of STATS (zero where this library is older than the caller). Counts of running threads
 * are read without stopping them: each is right at some moment of the call. Returns false if SIZE is 0. */
bool hak_stats_get(struct hak_stats *stats, size_t size);
/* The same as text, one "name: value" a line, with the values of the profile in force; what HAKMEM_STATS=1 prints at
 * exit. */
void hak_stats_print(int descriptor);
/* The value in force of one profile key ("superslab.size"), written into TEXT as in a profile. Returns its length, or
 * -1 for an unknown key (errno EINVAL) or too small a buffer (errno ERANGE). */
int hak_profile_value(const char *key, char *text, size_t size);
/* Core cycles of one page-map lookup in a chain of dependent ones, out of the first-level cache, without what links
 * them; 0 if it cannot be measured. Takes up to a few milliseconds; measured, so it differs from call to call. */
double hak_stats_lookup_cycles(void);

#ifdef __cplusplus
}
#endif

#endif
