/* SPDX-License-Identifier: MIT */
/* A slab: pages of one size class, owned by one heap, and its descriptor, which lies apart from them. Bitmaps say which
 * blocks are free.
 *
 * Contract. The free bitmap belongs to the owner: only the thread that holds the owning heap (or the registry's lock,
 * while nobody holds the heap; or the lock of the class, in the shared heap) reads or writes it. Setting a bit that is
 * set already is a double free. Other threads give blocks back through the remote bitmap:
 *
 *   1. the freer sets the blocks' bits in the remote bitmap (fetch_or);
 *   2. it signs for them: remote_count += their number. If the count was not zero it is done: that was its last touch
 * of the slab.
 *   3. If the count was zero it announces the slab: it links it into the owning heap's pending list. That is its last
 * touch.
 *
 *   The owner looks at the remote side of announced slabs only, after it has taken them off its pending list: it takes
 * the count (exchange with 0), then the words. It may find more bits than signatures, of freers between 1 and 2: these
 * blocks are free, and `owed` signatures short. A slab is given back only when all its blocks are free and no signature
 * is owed, so no freer can be about to touch it: the freers' bits alone do not free a slab, and "announced" (count not
 * zero) is not reset by reuse. tests/model checks this protocol exhaustively.
 *
 * Below: size_class, space. */
#ifndef HAK_HEAP_SLAB_H
#define HAK_HEAP_SLAB_H

#include "lib/heap/size_class.h"
#include "lib/space/pool.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct heap;

struct slab {
    /* The owner's cache line: freers do not touch it. */
    struct slab *next, *previous; /* owner: in its heap's list of slabs with free blocks */
    uint64_t *free_bits;          /* const: the free bitmap, behind this struct */
    struct superslab *superslab;  /* const while in use: where its pages are from */
    uint64_t purged;              /* owner: units of its pages (slab_holes.h) that were given back, and unused since */
    uint16_t free_blocks;         /* owner: bits set in it */
    uint16_t owed;                /* owner: blocks taken from the remote bitmap before their freers signed */
    uint16_t first_word;          /* owner: no word of the free bitmap before this one has a bit set */
    uint16_t untouched; /* owner: blocks from this one on read as zeros: nobody has had them since the kernel gave their
                           memory */
    bool filled;        /* owner: all blocks have been used; then superslab->filled_pages has its pages */
    bool listed;        /* owner: in its heap's list */
    void **owners; /* owner: of a sampled heap's slab, a word for each block (sampled.h); kept with the descriptor */
    /* The freers' cache line, with what both need to know. */
    _Alignas(CACHE_LINE) _Atomic(struct heap *)
        heap;                       /* the owner: stored by adopters (release), loaded by announcing freers (acquire) */
    struct slab *pending_next;      /* whoever announces or takes: in the pending list */
    _Atomic(uint64_t) *remote_bits; /* const: the remote bitmap, behind the free one */
    _Atomic(uint16_t) *taken; /* const: marks behind that (taken_marks.h), by a profile with measures of security */
    char *base;               /* const while in use: first byte of its pages */
    uint16_t blocks;          /* const while in use */
    uint8_t class;            /* const while in use: index into size_classes */
    uint8_t words;            /* const while in use: words of each bitmap in use */
    _Atomic uint32_t remote_count; /* blocks signed for and not yet taken; not zero: announced */
};

/* What is known of the use that a new slab is for: any of these, or 0. */
enum {
    SLAB_WILL_FILL = 1,    /* all of its blocks are going to be used */
    SLAB_OF_LARGE_HEAP = 2 /* the heap has so much memory that half-used slabs and huge pages hardly count in it */
};

/* Makes a slab of CLASS for HEAP out of the pool, all blocks free, and enters it in the page map with ENTRY. NULL if
 * memory is refused. */
struct slab *slab_new(unsigned class, struct heap *heap, uint32_t entry, unsigned use);

/* Gives its pages back to the pool. All blocks are free and no signature is owed. */
void slab_delete(struct slab *slab);

/* The most blocks that a slab with its descriptor has. */
uint32_t slab_most_blocks(const struct slab *slab);

/* Whether slab_delete may be called. */
static inline bool slab_is_empty(const struct slab *slab)
{
    return slab->free_blocks == slab->blocks && slab->owed == 0;
}

/* Takes up to COUNT free blocks, lowest addresses first, and writes them to END[-1], END[-2], ... so that the stack
 * pops the lowest first; under security.randomize any of the free blocks, in any order. Returns how many. Owner. */
uint32_t slab_take(struct slab *slab, void **end, uint32_t count);

/* Takes one block that was never handed out and so reads as zeros; NULL if there is none, or one is to be chosen by
 * chance (security.randomize). Owner. */
void *slab_take_zeroed(struct slab *slab);

/* Each reports (report_misuse) that FUNCTION got POINTER: where no block of the slab starts; where the block is free
 * already; the one or the other of these. */
COLD void slab_report_inside(const struct slab *slab, const void *pointer, const char *function);
COLD void slab_report_double_free(unsigned class, const void *pointer, const char *function);
COLD void slab_report_not_free(const struct slab *slab, const void *pointer, const char *function);

/* No index of a block. */
#define SLAB_NO_BLOCK UINT32_MAX

/* The index of the block at POINTER; SLAB_NO_BLOCK where none of the slab starts there. Any thread that has a block of
 * the slab, or its owner. */
static ALWAYS_INLINE uint32_t slab_index(const struct slab *slab, const void *pointer)
{
    const struct size_class *class = &size_classes[slab->class];
    uint64_t place = size_class_place(size_class_steps(slab->base, pointer), class->inverse);
    bool starts = size_class_steps(slab->base, pointer) < (size_t)slab->blocks * (class->size / SIZE_STEP) &&
                  size_class_place_is_start(place, class->inverse);
    return starts ? size_class_place_index(place) : SLAB_NO_BLOCK;
}

/* Whether POINTER is the start of a block that is not free in the slab, whose page it lies in. Any thread. A block that
 * is in use stays so while its holder asks, and nobody changes its bits, only those of others in their words; what the
 * answer is for another address is by chance where other threads allocate. */
READS_RACILY bool slab_has_taken(const struct slab *slab, const void *pointer);

/* Gives back those of COUNT blocks at the start of BLOCKS that lie in this slab; returns how many. At one that is free
 * already, or where no block starts, it ends as if that were another slab's; so none is put only if the first is such:
 * slab_report_not_free. Owner. */
uint32_t slab_put(struct slab *slab, void *const *blocks, uint32_t count);

/* Steps 1 and 2 above for the COUNT blocks whose bits are in word WORD[i]: see remote_free.c, which batches them. A
 * block that is marked already is reported; slab_mark_remote returns how many were, for which not to sign. */
uint32_t slab_mark_remote(struct slab *slab, uint32_t word, uint64_t bits);
bool slab_sign_remote(struct slab *slab, uint32_t count); /* true: the caller has to announce the slab */

/* Takes what other threads gave back, after the slab was taken off the pending list. Returns how many blocks. Owner. */
uint32_t slab_collect(struct slab *slab);

/* For fork: the lock of the free descriptors. */
void slab_lock(void);
void slab_unlock(void);
void slab_reset_lock(void);

#endif
