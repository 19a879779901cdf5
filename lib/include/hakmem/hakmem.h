/* SPDX-License-Identifier: MIT */
/* libhakmem: a memory allocator whose every structural decision is read from a tuning profile.
 *
 * Every function exists under the hak_ name declared here and, unless the library was configured with
 * --disable-interpose, under the C library's own name too. All are thread-safe, and safe in the child of a fork. None
 * is async-signal-safe, as in the C library, but for hak_stats_get, hak_stats_json and hak_stats_print_json. Where a
 * standard or a manual page describes a function of the C library, hak_FUNCTION keeps the same promises.
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
    uint64_t live_bytes;   /* allocated: in blocks that the program holds, as usable size */
    uint64_t live_blocks;  /* how many those are */
    uint64_t cached_bytes; /* free blocks in thread caches, also in those that are kept of threads that ended, and those
                              that a thread has freed and not handed back to their owner yet */
    uint64_t mapped_bytes; /* address space mapped for blocks now */
    uint64_t peak_mapped_bytes;  /* the most that it was */
    uint64_t resident_bytes;     /* of it resident, as the kernel says (mincore); 0: not known */
    uint64_t metadata_bytes;     /* mapped for everything else: see total_mapped_bytes */
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
    /* Where all mapped memory is, in bytes. While no thread allocates or frees it adds up to the byte:
     *
     *     total_mapped_bytes = live_bytes + rounding_bytes + cached_bytes + free_bytes + retained_bytes +
     *                          metadata_bytes
     *
     * What a program asked for less than the usable size of its blocks is part of live_bytes: nobody keeps what was
     * asked for. A block of more than 64 KiB is whole pages of 64 KiB, all of which is usable, but under the profile's
     * security.guard_pages: then these pages have its guards in them. */
    uint64_t total_mapped_bytes; /* address space mapped for blocks (mapped_bytes) and for metadata */
    uint64_t rounding_bytes;     /* at the end of slabs, where no further block fits */
    uint64_t free_bytes;         /* free blocks in slabs, also those that other threads have freed there */
    uint64_t retained_bytes;  /* in no slab and in no large block: pages of SuperSlabs, with memory behind them or not,
                                 and mappings of freed large blocks */
    uint64_t purgeable_bytes; /* of them those that hak_malloc_trim(0) gives back: with memory behind them */
    uint64_t lazily_freed_bytes; /* of them those that went back by MADV_FREE (purge.policy: free): the kernel takes
                                    them when it needs them, and they count as resident until then. Parts of a huge
                                    page that waits for its purge as a whole are in purgeable_bytes alone */
    uint64_t large_bytes;        /* of live_bytes those in blocks of more than 64 KiB */
    /* the heap profile */
    uint64_t heap_profile_stacks; /* call stacks that it keeps, one for each size of blocks */
    uint64_t heap_profile_bytes;  /* of metadata_bytes those for these, for threads and for sampled blocks */
    /* guarded sampling (security.guarded) */
    uint64_t guarded_blocks;      /* of live_blocks those that stand between guard pages */
    uint64_t guarded_allocations; /* how many there were over the process's life */
    /* guard pages (security.guard_pages) */
    uint64_t guard_refusals; /* those that the kernel refused: memory was handed out without them */
};

/* Fills in the first SIZE bytes of STATS (zero where this library is older than the caller). Counts of running threads
 * are read without stopping them: each is right at some moment of the call. Returns false if SIZE is 0. */
bool hak_stats_get(struct hak_stats *stats, size_t size);
/* The same as text, one "name: value" a line, with the process, the size classes and the values of the profile in
 * force; what HAKMEM_STATS=all prints at exit. */
void hak_stats_print(int descriptor);

/* The statistics as one JSON object in one line, with a line break and NUL behind it:
 *
 *     hakmem         this library's version
 *     pid, program, profile, time, reason    the time is in UTC (RFC 3339); "call", "exit" or "signal"
 *     forked_from    the process that forked this one; where HAKMEM_STATS or HAKMEM_STATS_SIGNAL is set
 *     memory         mapped_bytes and its parts: total_mapped_bytes, live_bytes and so on of struct hak_stats
 *     counters       every field of struct hak_stats by its name; miss rates, null where they are not counted
 *     classes        each size class in use: its size; allocated, cached and free blocks, and their bytes;
 *                    rounding_bytes, slabs, slab_bytes; fragmentation
 *     large          each range of sizes (from, to) of large blocks in use: blocks that are allocated, their
 *                    bytes, and how many of them are mappings of their own
 *     parameters     the values of the profile in force
 *
 * Of a class slab_bytes is the sum of allocated_bytes, cached_bytes, free_bytes and rounding_bytes, and fragmentation
 * the share of it that is not allocated, from 0 to 1.
 *
 * Writes as much as fits into the SIZE bytes of TEXT (NULL where SIZE is 0), and returns the length of all of it, as
 * snprintf does. HAK_STATS_JSON_BYTES are always enough. Allocates nothing. */
#define HAK_STATS_JSON_BYTES ((size_t)65536)
size_t hak_stats_json(char *text, size_t size);
/* Writes the same to DESCRIPTOR, with one write(2). False, with errno, where that is not possible. */
bool hak_stats_print_json(int descriptor);

/* What is asked for in the environment is read once, when the library starts, and not in a program that runs with more
 * rights than its caller:
 *
 *     HAKMEM_STATS=1        at exit one line: the process, and where its memory is
 *     HAKMEM_STATS=all      at exit what hak_stats_print writes
 *     HAKMEM_STATS=json     at exit what hak_stats_json writes
 *     HAKMEM_STATS=FILE     at exit everything into FILE: as JSON where its name ends in ".json". It has a "/",
 *                           a "." or a "%": any other word is refused
 *     HAKMEM_STATS=1,FILE   one of the three forms into a file of any name; also all,FILE and json,FILE
 *     HAKMEM_STATS_SIGNAL=USR2
 *                           whenever that signal comes, in the form and to the place that HAKMEM_STATS says;
 *                           without it, everything on standard error. HUP, IO, PWR, QUIT, URG, USR1, USR2,
 *                           WINCH, or the number of one of them or of a real-time signal
 *
 * In FILE %p is the process's id, %n its program's name, %t the time in UTC, %i the number of the record among those
 * that the process has written into files, and %% a "%". A relative FILE is in the directory that the program was
 * started in. The environment is inherited, so children that are forked and programs that are executed write records as
 * well. A FILE with %p is one process's alone: it is written under another name and then renamed, so it is whole or as
 * it was; the process's next record replaces it. To any other FILE a record is appended with one write, so that those
 * of several processes do not mix. A process that ends otherwise than by exit(3) (a signal, _exit, execve) writes
 * nothing at its end.
 *
 * A signal is answered at once, whatever the program does, by a handler that takes no lock and allocates nothing.
 * System calls that can be continued are (SA_RESTART); epoll_wait, poll, select and sleeps end with EINTR. A handler
 * that the program sets itself takes its place. */

/* The value in force of one profile key ("superslab.size"), written into TEXT as in a profile. Returns its length, or
 * -1 for an unknown key (errno EINVAL) or too small a buffer (errno ERANGE). */
int hak_profile_value(const char *key, char *text, size_t size);
/* Core cycles of one page-map lookup in a chain of dependent ones, out of the first-level cache, without what links
 * them; 0 if it cannot be measured. Takes up to a few milliseconds; measured, so it differs from call to call. */
double hak_stats_lookup_cycles(void);

/* --- heap profile ------------------------------------------------------------------------------------------------- */

/* Which call stacks the program's memory is allocated by: a sample of all allocations, one in heap_profile.interval
 * bytes on average (a key of the profile; each allocation is as likely to be in it as it has bytes).
 * HAKMEM_PROFILE_HEAP=FILE has it on from the start and written at the end, without a call of these functions
 * (libhakmem(3)).
 *
 * Has it on from now on. What was sampled before stays in it. Returns false with errno ENOTSUP in a process where a
 * sanitizer allocates, or whose profile has measures of security. Any thread may call it, and the next. */
bool hak_heap_profile_start(void);
/* Has it off: no allocation is sampled from now on, but the sampled ones are watched until they are freed. */
void hak_heap_profile_stop(void);
/* Writes what there is into FILE, as a whole or not at all; NULL is the FILE of HAKMEM_PROFILE_HEAP. In FILE %p stands
 * for the process, %n for the program, %t for the time, %i for the number of files that this process has written, and
 * %% for a percent sign. A child of a fork adds "." and its process to the FILE of HAKMEM_PROFILE_HEAP that has no %p.
 * The form is the text that google-pprof, pprof and jeprof read; collapsed stacks with the bytes that live if it ends
 * in .folded, or with those ever allocated in .allocated.folded. Returns false with errno, and says why on standard
 * error: EINVAL where there is no such name, EBUSY where another profile is being written, ENOMEM, or what the system
 * says. Any thread may call it; async-signal-safe. */
bool hak_heap_profile_dump(const char *file);

#ifdef __cplusplus
}
#endif

#endif
