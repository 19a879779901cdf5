/* SPDX-License-Identifier: MIT */
/* The tuning profile: its values, and the one table that lists every parameter.
 *
 * The loader and its messages, `hakmem-tune params`, the search space, the manual page's table and the profile writer
 * are all made from hak_parameters[]. Adding a parameter is one field, one row, and the code that uses it.
 *
 * Nothing here allocates or has state: any thread may call anything. Below this file: base/units, text, class_sizes.
 * The rows themselves are in parameters.h. */
#ifndef HAK_PROFILE_SCHEMA_H
#define HAK_PROFILE_SCHEMA_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hak_huge_pages {
    HAK_HUGE_NEVER,
    HAK_HUGE_MADVISE,
    HAK_HUGE_ALWAYS,
    HAK_HUGE_HUGETLB,
    HAK_HUGE_AUTO,
    HAK_HUGE_LARGE
};
enum hak_shared { HAK_SHARED_NONE, HAK_SHARED_LINES, HAK_SHARED_LONG, HAK_SHARED_ALL };
enum hak_prefault { HAK_PREFAULT_NONE, HAK_PREFAULT_SLAB, HAK_PREFAULT_SUPERSLAB, HAK_PREFAULT_DENSE };
enum hak_purge_policy { HAK_PURGE_DONTNEED, HAK_PURGE_FREE, HAK_PURGE_NEVER };
enum hak_checks { HAK_CHECKS_FAST, HAK_CHECKS_FULL };

/* Room for all size classes. An explicit map has at most HAK_PROFILE_CLASS_LIMIT (class_sizes.h): some come behind it.
 */
#define HAK_PROFILE_MAX_CLASSES 128
/* purge.holes that gives none back. */
#define HAK_PURGE_HOLES_NEVER 100
/* The largest thread_cache.keep. */
#define HAK_PROFILE_MAX_KEPT_CACHES 64
/* Bytes of a profile's name, its NUL included: it must fit into one column of a report. */
#define HAK_PROFILE_NAME_MAX 64
/* Room for tables with an entry for each row of hak_parameters[] (schema.c asserts that they all fit). */
#define HAK_PROFILE_MAX_PARAMETERS 64
/* Room for any message of lib/profile, its NUL included: a path at each of the places that are looked at, and the text
 * around them. */
#define HAK_PROFILE_MESSAGE_SIZE 1024

/* All values of a profile. Scalars are uint64_t whatever their type, so that the table can reach each through its
 * offset. Sizes are bytes, shares are percent, delays are milliseconds, switches 0 or 1, choices one of the enums
 * above. */
struct hak_profile {
    uint64_t profile_version;        /* of the file format: 1 */
    char name[HAK_PROFILE_NAME_MAX]; /* shown in statistics and reports */
    uint64_t superslab_size;         /* bytes of the region that is mapped, made huge, purged and unmapped as one */
    uint64_t superslab_keep_empty;   /* how many SuperSlabs without a used page are kept mapped */
    uint64_t pages_slab_page;        /* bytes of the smallest slab */
    uint64_t pages_huge;             /* enum hak_huge_pages */
    uint64_t pages_prefault;         /* enum hak_prefault */
    /* size classes per doubling up to 1 KiB, when size_classes_count is 0 */
    uint64_t size_classes_spacing;
    /* the same from 1 KiB to 64 KiB; from 32 KiB when size_classes_count is not 0 */
    uint64_t size_classes_long_spacing;
    uint64_t size_classes_count; /* how many sizes the explicit map has; 0: none, use the spacing */
    uint32_t size_classes_sizes[HAK_PROFILE_MAX_CLASSES]; /* the explicit map: ascending block sizes in bytes */
    uint64_t size_classes_borrow;       /* percent by which an object may be larger that another class lends */
    uint64_t size_classes_borrow_limit; /* objects that a class borrows before it gets memory of its own */
    uint64_t heap_shared;               /* enum hak_shared: whose blocks belong to no thread */
    uint64_t thread_cache_max_objects;  /* objects in one class's stack at most, before growth */
    /* bytes in one class's stack at most, before growth (never fewer than 4 objects) */
    uint64_t thread_cache_max_bytes;
    /* a stack that keeps draining and refilling grows to so many times that; a power of two */
    uint64_t thread_cache_growth;
    uint64_t thread_cache_refill;          /* percent of the stack's capacity that a refill brings */
    uint64_t thread_cache_drain_threshold; /* percent of the stack's capacity at which it is drained */
    uint64_t thread_cache_drain_batch;     /* percent of the stack's content that a drain takes out */
    uint64_t thread_cache_keep;            /* how many caches of threads that ended are kept with their blocks */
    uint64_t thread_cache_total;           /* bytes that the stacks of all threads together may hold; 0: any */
    /* objects of other threads that a thread collects before it hands them back */
    uint64_t remote_free_drain_threshold;
    uint64_t large_cache;           /* bytes of freed large blocks that wait for their purge */
    uint64_t purge_delay;           /* milliseconds that empty memory waits at most before it goes back to the kernel */
    uint64_t purge_keep;            /* bytes of other empty memory that wait for their purge */
    uint64_t purge_holes;           /* percent of what is in use that free memory inside of slabs may be */
    uint64_t purge_policy;          /* enum hak_purge_policy */
    uint64_t heap_profile_on;       /* from the start of the process */
    uint64_t heap_profile_interval; /* bytes from one sample of the heap profile to the next, on average */
    uint64_t security_checks;       /* enum hak_checks */
    uint64_t security_zero_on_free;
    uint64_t security_canaries;
    uint64_t security_guarded; /* one allocation in so many stands between guard pages; 0: none */
    uint64_t security_guard_pages;
    uint64_t security_quarantine;
    uint64_t security_randomize;
};

enum hak_parameter_type {
    HAK_TYPE_INTEGER,  /* a plain number */
    HAK_TYPE_SIZE,     /* bytes; written 65536, 64KiB, 2MiB, 1GiB */
    HAK_TYPE_PERCENT,  /* written 50% */
    HAK_TYPE_DELAY,    /* milliseconds; written 100ms, 2s */
    HAK_TYPE_SHARE,    /* one in so many; written 1/5000, and 0 for none */
    HAK_TYPE_CHOICE,   /* one of the words in `choices` */
    HAK_TYPE_SWITCH,   /* true or false */
    HAK_TYPE_NAME,     /* text */
    HAK_TYPE_SIZE_LIST /* [16, 32, 48, ...] */
};

/* On which scale the tuner moves: steps of equal difference, steps of equal ratio (where the range starts at 0: of
 * value + 1), or no order at all. */
enum hak_parameter_scale { HAK_SCALE_LINEAR, HAK_SCALE_LOG, HAK_SCALE_CATEGORY };

/* One row of the table: one key of the profile. */
struct hak_parameter {
    const char *key; /* as in messages and documents: "superslab.size" */
    enum hak_parameter_type type;
    const char *unit;               /* what one of it is: "bytes", "objects", "" */
    uint64_t minimum, maximum;      /* inclusive; of a choice: 0 and the number of choices - 1 */
    uint64_t standard;              /* the built-in default */
    bool power_of_two;              /* only powers of two are taken */
    bool searched;                  /* part of the tuner's search space */
    enum hak_parameter_scale scale; /* how the tuner moves along it */
    const char *const *choices;     /* HAK_TYPE_CHOICE: its words, in the enum's order, NULL at the end */
    size_t offset;                  /* of the field in struct hak_profile */
    const char *what;               /* one or two sentences for users: what it does, when more or less of it pays */
};

extern const struct hak_parameter hak_parameters[];
extern const size_t hak_parameter_count;

/* The row of KEY ("superslab.size"), or NULL. */
COLD const struct hak_parameter *hak_parameter_find(const char *key);

/* Reads or sets a scalar field (every type but NAME and SIZE_LIST). Nothing is checked here; hak_parameter_check does
 * that. */
COLD uint64_t hak_parameter_get(const struct hak_parameter *, const struct hak_profile *);
COLD void hak_parameter_set(const struct hak_parameter *, struct hak_profile *, uint64_t value);

/* Writes VALUE the way a profile has it ("2MiB", "50%", "madvise") into TEXT; returns TEXT. */
COLD const char *hak_parameter_format(const struct hak_parameter *, uint64_t value, char *text, size_t size);

/* Parses TEXT as this parameter's type and checks range and power of two. Returns true and sets *VALUE; or false and
 * writes what is wrong and what was expected into MESSAGE, e.g. "superslab.size: 3MiB is not a power of two (256KiB to
 * 64MiB)". Of a SIZE_LIST it parses one element. A NAME is no number: hak_profile_name_check. */
COLD bool hak_parameter_parse(const struct hak_parameter *, const char *text, uint64_t *value, char *message,
                              size_t size);

/* Checks a VALUE that is there already, as hak_parameter_parse does with one it has read. */
COLD bool hak_parameter_check(const struct hak_parameter *, uint64_t value, char *message, size_t size);

/* A profile's name: 1 to 63 printable ASCII characters, as it goes into terminals, reports and file names. False: the
 * reason is in MESSAGE. */
COLD bool hak_profile_name_check(const char *name, char *message, size_t size);

/* Fills in the built-in default profile. */
COLD void hak_profile_default(struct hak_profile *);

/* What a failed check is about, for callers that know where in a file each value came from. */
struct hak_profile_offence {
    const struct hak_parameter *row;   /* the row that is at fault */
    const struct hak_parameter *other; /* the row that it does not go with, or NULL */
    size_t element;                    /* of a SIZE_LIST: the index of the size at fault */
};

/* Checks a whole profile: every value against its row, the name, and what no single row can see: a slab page is at most
 * a quarter of a SuperSlab; an explicit class map ascends, is made of multiples of 16, starts at 16, holds every power
 * of two up to 4096 (alignments are served from them) and ends at the largest small size. False: the reason is in
 * MESSAGE. OFFENCE may be NULL; it is set on failure only. */
COLD bool hak_profile_check_offence(const struct hak_profile *, struct hak_profile_offence *offence, char *message,
                                    size_t size);

/* The same, without saying where. */
COLD bool hak_profile_check(const struct hak_profile *, char *message, size_t size);

#endif
