/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a process's heap is like at one moment: size classes, threads' caches, SuperSlabs page by page, large blocks.
 *
 * The process runs on while it is read. Each figure is right at some moment of the reading; where a part changed so
 * much meanwhile that it made no sense, it is left out and counted in `torn`. Of a process that does nothing all is
 * exact.
 *
 * A snapshot belongs to one thread. Running out of memory ends the program. Below: target, grown. */
#ifndef HAK_INSPECT_SNAPSHOT_H
#define HAK_INSPECT_SNAPSHOT_H

#include "cli/inspect/grown.h"
#include "cli/inspect/target.h"

#include <hakmem/figures.h>

/* Of classes, in an entry's byte. */
#define SNAPSHOT_CLASSES_MOST 256

struct snapshot_class {
    uint32_t size;
    uint32_t blocks;      /* in a slab */
    uint32_t pages;       /* of a slab */
    uint32_t stack_most;  /* addresses that fit into a stack */
    uint32_t grown_slots; /* what a stack takes that may double; 0: it may not */
    bool shared;          /* its slabs belong to all threads */
    struct hak_class_counts counts;
    struct hak_class_figures figures;
    uint64_t seen_slabs; /* that were found in SuperSlabs: as `counts` has, where nothing moved */
};

/* A heap with its thread cache. */
struct snapshot_heap {
    uint64_t address;
    uint32_t id;
    bool idle;                            /* no thread has it */
    uint64_t holder;                      /* pthread_self() of its thread; threads.h finds the thread */
    pid_t thread;                         /* 0: not known */
    char name[32];                        /* the thread's */
    uint64_t cached_blocks, cached_bytes; /* in its stacks */
    uint64_t buffered_blocks;             /* of other heaps, on their way back */
    uint64_t slabs, slab_bytes;           /* its own */
    bool has_grown;                       /* one of its stacks has doubled */
    bool has_grown_counted;               /* one of those of the heap profile */
    uint64_t refills, refilled_blocks, drains, drained_blocks, remote_blocks, borrowed_blocks;
};

/* What pages are. */
enum page_use {
    PAGES_FRESH, /* nobody has used them */
    PAGES_SLAB,
    PAGES_LARGE,    /* of a large block */
    PAGES_RETAINED, /* empty, with memory behind them */
    PAGES_LAZY,     /* given back, but the kernel may not have taken them yet */
    PAGES_RELEASED, /* given back */
    PAGES_MOVING,   /* in use, by what could not be told: they were changing */
    PAGE_USES
};

/* Neighbouring pages of one use. */
struct snapshot_run {
    uint32_t first, pages; /* in the SuperSlab */
    uint16_t class;        /* PAGES_SLAB: index into `classes` */
    uint16_t blocks, free; /* PAGES_SLAB: free ones in the slab; not those in stacks */
    uint8_t use;           /* enum page_use */
};

#define SNAPSHOT_KINDS (HAK_INSPECT_LONG_AREA + 1)

/* What a SuperSlab of KIND is for: "slabs". */
const char *snapshot_kind(uint8_t kind);

struct snapshot_superslab {
    uint64_t base;
    uint32_t pages;
    uint8_t kind;              /* enum hak_inspect_kind */
    bool huge;                 /* the kernel may have huge pages in it */
    uint32_t count[PAGE_USES]; /* pages by use */
    size_t first_run, runs;    /* in `runs` of the snapshot: all of its pages, in order */
};

/* A large block with a mapping of its own, or such a mapping that is retained. */
struct snapshot_mapping {
    uint64_t base, bytes;
    bool retained;
};

/* What has happened since the process began. */
struct snapshot_events {
    uint64_t refills, refilled_blocks, drains, drained_blocks, remote_blocks, borrowed_blocks;
    uint64_t superslabs_mapped, superslabs_unmapped; /* of those for slabs */
    uint64_t purged_bytes;                           /* of SuperSlabs and mappings */
    uint64_t hole_bytes;                             /* given back inside of slabs */
};

/* What the pool has counted. */
struct snapshot_counts {
    uint64_t superslabs;           /* for slabs */
    uint64_t superslab_bytes;      /* of all */
    uint64_t superslab_used_bytes; /* in slabs and large blocks */
    uint64_t mapping_bytes;        /* of large blocks' own mappings in use */
    uint64_t retained_mapping_bytes;
    uint64_t metadata_bytes;
    uint64_t guarded_blocks, guarded_block_bytes, guarded_page_bytes; /* those between guard pages */
    uint64_t peak_mapped_bytes, failures, huge_page_requests, huge_page_refusals, guard_refusals;
};

/* What that amounts to. mapped = allocated + rounding + cached + free + retained + metadata. */
struct snapshot_figures {
    uint64_t mapped_bytes;
    uint64_t allocated_blocks, allocated_bytes; /* with the program, by usable size; large ones as well */
    uint64_t rounding_bytes;                    /* behind the last block of each slab, round guarded ones */
    uint64_t cached_bytes;                      /* free, in threads' caches */
    uint64_t free_bytes;                        /* free, in slabs */
    uint64_t retained_bytes;                    /* in no slab and no large block */
    uint64_t slabs, slab_bytes;
    uint64_t use_bytes[PAGE_USES]; /* of SuperSlabs' pages */
};

struct snapshot {
    double time; /* seconds of a monotonic clock */
    uint32_t page_shift;
    char profile[64];
    struct snapshot_class classes[SNAPSHOT_CLASSES_MOST];
    size_t class_count, counted_count; /* the first ones have two stacks in a thread cache */
    struct snapshot_heap *heaps;       /* malloc'd, like the next three */
    size_t heap_count;
    struct snapshot_superslab *superslabs; /* by address */
    size_t superslab_count;
    struct snapshot_run *runs;
    size_t run_count, run_room;
    struct snapshot_mapping *mappings; /* by address */
    size_t mapping_count;
    struct snapshot_counts counts;
    struct snapshot_figures figures;
    uint64_t large_blocks, large_bytes; /* in use, also those in SuperSlabs */
    struct snapshot_events events;
    uint64_t torn;        /* parts that are left out, as they were changing */
    bool is_missing_some; /* lists could not be followed to their end */
};

/* What is kept from one snapshot to the next. Zeroed at first. */
struct snapshot_lists {
    struct grown heaps, superslabs, large_blocks, mappings;
};

static inline bool snapshot_is_for_slabs(const struct snapshot_superslab *superslab)
{
    return superslab->kind == HAK_INSPECT_PLAIN || superslab->kind == HAK_INSPECT_DENSE;
}

/* Reads all of TARGET. False where its memory cannot be read any more: then target_is_there says why. */
bool snapshot_take(struct snapshot *snapshot, struct snapshot_lists *lists, struct target *target);

void snapshot_free(struct snapshot *snapshot);
void snapshot_lists_free(struct snapshot_lists *lists);

#endif
