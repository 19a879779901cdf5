/* SPDX-License-Identifier: MIT */
/* What the heap profile knows: for each call stack and size of block how many samples were taken and freed. A record
 * stays where it is for ever, as sampled blocks have its address; it lies in metadata. There are RECORDS_MOST of them;
 * samples of further stacks are counted by size alone, as of one stack.
 *
 * A reader needs no lock: any thread and any signal handler may read at any time. Below: stack_walk, space/metadata. */
#ifndef HAK_SAMPLE_RECORDS_H
#define HAK_SAMPLE_RECORDS_H

#include "lib/base/compiler.h"
#include "lib/sample/stack_walk.h"

#include <stdatomic.h>
#include <stdint.h>

/* With the frames of usual stacks some 20 MiB. */
#define RECORDS_MOST 65536u

struct sample_record {
    struct sample_record *next; /* const: the one before it in its bucket */
    uint64_t bytes;             /* const: of each block, as sample_clock.h counts them */
    uint64_t hash;              /* const */
    _Atomic uint64_t taken;     /* samples; relaxed */
    _Atomic uint64_t freed;     /* of them freed */
    uint32_t depth;             /* const */
    uintptr_t frames[];         /* const: return addresses, innermost first */
};

/* The record of blocks of BYTES from STACK, made if there is none; NULL if memory for it is refused. Inside of the
 * gate.
 */
struct sample_record *records_find(const struct stack *stack, uint64_t bytes);

static inline void record_count_taken(struct sample_record *record)
{
    atomic_fetch_add_explicit(&record->taken, 1, memory_order_relaxed);
}

static inline void record_count_freed(struct sample_record *record)
{
    atomic_fetch_add_explicit(&record->freed, 1, memory_order_release); /* pairs with the acquire in record_count */
}

/* Samples of a record: how many in all, and of blocks that live. */
struct record_counts {
    uint64_t taken, live;
};
COLD struct record_counts record_count(const struct sample_record *record);

/* Calls VISIT for each record. */
COLD void records_each(void (*visit)(const struct sample_record *record, void *context), void *context);

/* How many there are, and the bytes that they take. */
struct records_size {
    uint64_t records, bytes;
};
COLD struct records_size records_size(void);

#endif
