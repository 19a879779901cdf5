/* SPDX-License-Identifier: MIT */
/* How another process finds the heap in this one's memory: the root that every libhakmem has in it. It is data only.
 * Who may read the process's memory (ptrace(2), "Ptrace access mode checking") needs no help by it, nor has to stop it:
 * hakmem-tune inspect reads it with process_vm_readv.
 *
 * The root is the object `hak_inspect_root`. Where there are no symbols it is found by an ELF note, which is in memory
 * wherever the library is, also in a static program and where the file is gone: name HAK_INSPECT_NOTE_NAME, type
 * HAK_INSPECT_NOTE_TYPE; the descriptor is four bytes, the signed distance from themselves to the root.
 *
 * A reader needs no other header of the library: the root says where the variables are, and for each member of a
 * structure that is told of, how far from the structure's beginning it lies and how many bytes it has. What is read
 * while threads run may be torn: check what is followed.
 *
 * Versions: a member or a variable that means something else, or is gone, raises HAK_INSPECT_VERSION. New ones are
 * appended. */
#ifndef HAKMEM_INSPECT_H
#define HAKMEM_INSPECT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HAK_INSPECT_MAGIC "HAKROOT" /* eight bytes with its end */
#define HAK_INSPECT_VERSION 1
#define HAK_INSPECT_NOTE_NAME "hakmem"
#define HAK_INSPECT_NOTE_TYPE 1

/* Variables: where they are is in `variable` of the root. */
enum hak_inspect_variable {
    HAK_INSPECT_VARIABLE_CLASSES,     /* CLASS[]: which block sizes there are, from the shortest on */
    HAK_INSPECT_VARIABLE_CLASS_COUNT, /* uint32_t: how many; 0 until the library has started */
    HAK_INSPECT_VARIABLE_PROFILE,     /* PROFILE: that in force */
    HAK_INSPECT_VARIABLE_HEAPS,       /* pointer to the HEAP that was made last; NEXT leads to the others */
    HAK_INSPECT_VARIABLE_SHARED_HEAP, /* HEAP: of all threads; it is in no CACHE */
    HAK_INSPECT_VARIABLE_DIVERT,      /* pointer[2]: a stack whose bottom is the second of them is not set up */
    HAK_INSPECT_VARIABLE_POOL,        /* POOL: memory for blocks */
    HAK_INSPECT_VARIABLE_HUGE,        /* HUGE: huge pages that the kernel was asked for */
    HAK_INSPECT_VARIABLE_SUPERSLABS,  /* pointer to the CENSUS of a SUPERSLAB, */
    HAK_INSPECT_VARIABLE_LARGE,       /* of a large block, marked where it is a mapping of its own, */
    HAK_INSPECT_VARIABLE_MAPPINGS,    /* and of a mapping that is retained for such blocks */
    HAK_INSPECT_VARIABLE_WINDOW,      /* pointer to the WINDOW of the page map */
    HAK_INSPECT_VARIABLE_LEAVES,      /* pointer[leaf_buckets] to LEAF: pages outside of the window, by number */
    HAK_INSPECT_VARIABLE_METADATA,    /* uint64_t: bytes mapped for descriptors and caches */
    HAK_INSPECT_VARIABLE_PAGE_MAP,    /* uint64_t: bytes mapped for windows */
    HAK_INSPECT_VARIABLE_BOOTSTRAP,   /* pointer to bootstrap_bytes of memory; NULL: there is none */
    HAK_INSPECT_VARIABLE_COUNTED,     /* uint32_t: so many classes have a second stack in a CACHE, for the heap profile:
                                         class N at the number of all classes + N */
    HAK_INSPECT_VARIABLE_SAMPLED,     /* HEAP: of the blocks that the heap profile watches; it is in no CACHE */
    HAK_INSPECT_VARIABLE_GUARDED,     /* GUARDED: blocks that stand between guard pages */
    HAK_INSPECT_VARIABLE_GUARD_REFUSALS, /* uint64_t: guard pages that the kernel refused */
    HAK_INSPECT_VARIABLE_COUNT
};

/* Members of structures: WHOLE(NAME, structure) has offset 0 and the bytes of the whole, PART(NAME, structure, member)
 * place and bytes of a member, of an array those of its first element. A pointer has the bytes of a pointer.
 *
 * Lists by NEXT only grow: a member is put in front, and none is ever freed. The RANGE in a CENSUS is one word: the
 * number of the first page in the upper half, in the lower half a mark (the top bit) and the number of pages; 0: there
 * is none now. */
#define HAK_INSPECT_MEMBERS(WHOLE, PART)                                                                 \
    WHOLE(CLASS, struct size_class)                                                                      \
    PART(CLASS_SIZE, struct size_class, size)           /* bytes of a block */                           \
    PART(CLASS_BLOCKS, struct size_class, blocks)       /* in a slab */                                  \
    PART(CLASS_PAGES, struct size_class, pages)         /* of a slab */                                  \
    PART(CLASS_CAPACITY, struct size_class, capacity)   /* of a stack, */                                \
    PART(CLASS_DOUBLINGS, struct size_class, doublings) /* which may double so often */                  \
    PART(CLASS_SHARED, struct size_class, shared)       /* its slabs are all threads' */                 \
    PART(PROFILE_NAME, struct hak_profile, name[0])                                                      \
    /* A thread cache: a stack of free blocks' addresses for each class, and a heap. */                  \
    PART(CACHE_TOP, struct thread_cache, hot.top[0])                                                     \
    PART(CACHE_BOTTOM, struct thread_cache, bottom[0])                                                   \
    PART(CACHE_GROWN, struct thread_cache, grown)                 /* NULL: no stack has ever doubled */  \
    PART(CACHE_COUNTED_GROWN, struct thread_cache, counted_grown) /* the same of the second stacks */    \
    PART(CACHE_HEAP, struct thread_cache, heap.pending)                                                  \
    PART(CACHE_BUFFERED, struct thread_cache, remote.count) /* others' blocks, on their way */           \
    PART(CACHE_BUFFER, struct thread_cache, remote.block[0])                                             \
    PART(HEAP_ID, struct heap, id)                                                                       \
    PART(HEAP_IDLE, struct heap, idle)     /* no thread has it */                                        \
    PART(HEAP_HOLDER, struct heap, holder) /* pthread_self() of the last thread that had it */           \
    PART(HEAP_NEXT, struct heap, next_made)                                                              \
    PART(HEAP_REFILLS, struct heap, counts.refills)                                                      \
    PART(HEAP_REFILLED_BLOCKS, struct heap, counts.refilled_blocks)                                      \
    PART(HEAP_DRAINS, struct heap, counts.drains)                                                        \
    PART(HEAP_DRAINED_BLOCKS, struct heap, counts.drained_blocks)                                        \
    PART(HEAP_REMOTE_BLOCKS, struct heap, counts.remote_blocks)                                          \
    PART(HEAP_BORROWED_BLOCKS, struct heap, counts.blocks_borrowed)                                      \
    PART(HEAP_PURGED_BYTES, struct heap, counts.purged_bytes) /* of holes in slabs */                    \
    PART(HEAP_SLABS, struct heap, counts.slabs[0])                                                       \
    PART(HEAP_TAKEN, struct heap, counts.allocated[0]) /* blocks taken out of slabs */                   \
    PART(POOL_PAGE_HEAP, struct pool, heaps[0])        /* for slabs, for large blocks */                 \
    PART(POOL_MAPPINGS, struct pool, mappings)                                                           \
    PART(POOL_MAPPING_BYTES, struct pool, mapping_bytes) /* of large blocks in use */                    \
    PART(POOL_PEAK_MAPPED_BYTES, struct pool, peak_mapped_bytes)                                         \
    PART(POOL_FAILURES, struct pool, failures)                                                           \
    PART(PAGE_HEAP_COUNT, struct page_heap, count)                                                       \
    PART(PAGE_HEAP_MAPPED_BYTES, struct page_heap, mapped_bytes)                                         \
    PART(PAGE_HEAP_USED_BYTES, struct page_heap, used_bytes)                                             \
    PART(PAGE_HEAP_MAPPED, struct page_heap, mapped) /* SuperSlabs, so far */                            \
    PART(PAGE_HEAP_UNMAPPED, struct page_heap, unmapped)                                                 \
    PART(PAGE_HEAP_PURGED_BYTES, struct page_heap, purged_bytes)                                         \
    PART(MAPPINGS_BYTES, struct mapping_cache, bytes) /* retained */                                     \
    PART(MAPPINGS_PURGED_BYTES, struct mapping_cache, purged_bytes)                                      \
    PART(HUGE_REQUESTS, struct superslab_counts, huge_page_requests)                                     \
    PART(HUGE_REFUSALS, struct superslab_counts, huge_page_refusals)                                     \
    PART(CENSUS_NEXT, struct census_entry, next)                                                         \
    PART(CENSUS_RANGE, struct census_entry, range)                                                       \
    WHOLE(SUPERSLAB, struct superslab)                                                                   \
    PART(SUPERSLAB_CENSUS, struct superslab, census)                                                     \
    PART(SUPERSLAB_KIND, struct superslab, kind) /* enum hak_inspect_kind */                             \
    PART(SUPERSLAB_HUGE, struct superslab, huge)                                                         \
    PART(SUPERSLAB_USED, struct superslab, used) /* a bit for each page, in uint64_t */                  \
    PART(SUPERSLAB_RESIDENT, struct superslab, resident)                                                 \
    PART(SUPERSLAB_RELEASED, struct superslab, released)                                                 \
    PART(SUPERSLAB_DIRTY, struct superslab, dirty)                                                       \
    PART(SUPERSLAB_SET_WORDS, struct superslab, set_words)                                               \
    WHOLE(SLAB, struct slab)                                                                             \
    PART(SLAB_BASE, struct slab, base)                                                                   \
    PART(SLAB_CLASS, struct slab, class)                                                                 \
    PART(SLAB_BLOCKS, struct slab, blocks)                                                               \
    PART(SLAB_FREE_BLOCKS, struct slab, free_blocks)                                                     \
    PART(SLAB_RETURNED_BLOCKS, struct slab, remote_count) /* free as well, not yet taken back */         \
    WHOLE(WINDOW, struct page_map_window)                 /* entries follow, a uint32_t for each page */ \
    PART(WINDOW_FIRST, struct page_map_window, first)                                                    \
    PART(WINDOW_PAGES, struct page_map_window, pages)                                                    \
    PART(WINDOW_DESCRIPTORS, struct page_map_window, descriptor)                                         \
    PART(LEAF_NUMBER, struct page_leaf, number) /* of its first page, by leaf_pages */                   \
    PART(LEAF_NEXT, struct page_leaf, next)                                                              \
    PART(LEAF_DESCRIPTORS, struct page_leaf, descriptor[0])                                              \
    PART(LEAF_ENTRIES, struct page_leaf, entry[0])                                                       \
    PART(GUARDED_BLOCKS, struct guarded_counts, blocks)                                                  \
    PART(GUARDED_BLOCK_BYTES, struct guarded_counts, block_bytes) /* usable ones */                      \
    PART(GUARDED_PAGE_BYTES, struct guarded_counts, page_bytes)   /* of their pages */

#define HAK_INSPECT_NAME_WHOLE(name, structure) HAK_INSPECT_##name,
#define HAK_INSPECT_NAME_PART(name, structure, member) HAK_INSPECT_##name,
enum hak_inspect_member { HAK_INSPECT_MEMBERS(HAK_INSPECT_NAME_WHOLE, HAK_INSPECT_NAME_PART) HAK_INSPECT_MEMBER_COUNT };
#undef HAK_INSPECT_NAME_WHOLE
#undef HAK_INSPECT_NAME_PART

/* What a SuperSlab is for. */
enum hak_inspect_kind {
    HAK_INSPECT_PLAIN,    /* slabs */
    HAK_INSPECT_DENSE,    /* slabs that will be filled, with huge pages */
    HAK_INSPECT_AREA,     /* large blocks */
    HAK_INSPECT_LONG_AREA /* large blocks, with huge pages */
};

struct hak_inspect_place {
    uint32_t offset, bytes;
};

struct hak_inspect_root {
    char magic[8];
    uint32_t version;
    uint32_t bytes;         /* of this structure */
    char library[24];       /* the library's version as text */
    uint32_t pointer_bytes; /* of a pointer; all numbers are as the processor has them */
    uint32_t page_shift;    /* a page has 2^page_shift bytes */
    uint32_t classes_most;  /* of every array with an element for each class */
    uint32_t page_heaps;    /* elements of POOL_PAGE_HEAP */
    uint32_t pages_most;    /* of a SuperSlab */
    uint32_t class_bits;    /* the lowest bits of a page's entry have the class, the others the owner. An entry that is
                               not 0 has the owner 0 where the class is in the slab's descriptor alone */
    uint32_t entry_large;   /* the entry of the first page of a large block; 0 is that of a page not in use */
    uint32_t leaf_pages, leaf_buckets;
    uint32_t bootstrap_bytes;
    uint32_t member_count, variable_count;
    const struct hak_inspect_place *member; /* by enum hak_inspect_member */
    const void *variable[HAK_INSPECT_VARIABLE_COUNT];
};

extern const struct hak_inspect_root hak_inspect_root;

#ifdef __cplusplus
}
#endif

#endif
