/* SPDX-License-Identifier: MIT */
#include "lib/sample/records.h"

#include "lib/base/report.h"
#include "lib/base/splitmix.h"
#include "lib/space/metadata.h"

#include <string.h>

#define BUCKETS 16384u

/* The last record made in each. Release when it is made, after all that is const in it; read with acquire. */
static _Atomic(struct sample_record *) buckets[BUCKETS];
static _Atomic uint64_t count, bytes_taken; /* relaxed */

static uint64_t hash_of(const struct stack *stack, uint64_t bytes)
{
    uint64_t hash = splitmix_scatter(bytes);
    for (uint32_t i = 0; i < stack->depth; i++)
        hash = splitmix_scatter(hash ^ stack->frames[i]);
    return hash;
}

static struct sample_record *first_in(uint64_t hash)
{
    return atomic_load_explicit(&buckets[hash % BUCKETS], memory_order_acquire);
}

static bool is_of(const struct sample_record *record, uint64_t hash, const struct stack *stack, uint64_t bytes)
{
    return record->hash == hash && record->bytes == bytes && record->depth == stack->depth &&
           memcmp(record->frames, stack->frames, stack->depth * sizeof *stack->frames) == 0;
}

/* The record among those from FIRST on, up to END. */
static struct sample_record *search(struct sample_record *first, const struct sample_record *end, uint64_t hash,
                                    const struct stack *stack, uint64_t bytes)
{
    while (first != end && !is_of(first, hash, stack, bytes))
        first = first->next;
    return first != end ? first : NULL;
}

/* Enters RECORD, unless another thread has entered one for the same meanwhile: then it returns that, and RECORD's
 * memory is lost. */
static struct sample_record *enter(struct sample_record *record, const struct stack *stack)
{
    _Atomic(struct sample_record *) *bucket = &buckets[record->hash % BUCKETS];
    struct sample_record *first = atomic_load_explicit(bucket, memory_order_acquire), *seen = NULL, *other;
    do {
        other = search(first, seen, record->hash, stack, record->bytes);
        if (other != NULL)
            return other;
        record->next = seen = first;
    } while (
        !atomic_compare_exchange_weak_explicit(bucket, &first, record, memory_order_release, memory_order_acquire));
    return record;
}

static struct sample_record *make(const struct stack *stack, uint64_t bytes, uint64_t hash)
{
    size_t size = sizeof(struct sample_record) + stack->depth * sizeof *stack->frames;
    struct sample_record *record = metadata_new(size);
    if (record == NULL)
        return NULL;
    atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&bytes_taken, round_up(size, CACHE_LINE), memory_order_relaxed);
    record->bytes = bytes;
    record->hash = hash;
    record->depth = stack->depth;
    memcpy(record->frames, stack->frames, stack->depth * sizeof *stack->frames);
    return enter(record, stack);
}

/* Stands in a profile for the stacks that had no room: tools show its name. */
static void heap_profile_has_no_room_for_further_stacks(void)
{
}

/* Records that are kept free for these: one for each size that there may be. */
#define RECORDS_OF_ANY_STACK 1024u

static struct sample_record *find_for_any_stack(uint64_t bytes)
{
    struct stack any = {.depth = 1, .frames = {(uintptr_t)heap_profile_has_no_room_for_further_stacks + 1}};
    uint64_t hash = hash_of(&any, bytes);
    struct sample_record *record = search(first_in(hash), NULL, hash, &any, bytes);
    if (record != NULL || atomic_load_explicit(&count, memory_order_relaxed) >= RECORDS_MOST)
        return record;
    return make(&any, bytes, hash);
}

struct sample_record *records_find(const struct stack *stack, uint64_t bytes)
{
    uint64_t hash = hash_of(stack, bytes);
    struct sample_record *record = search(first_in(hash), NULL, hash, stack, bytes);
    if (LIKELY(record != NULL))
        return record;
    if (UNLIKELY(atomic_load_explicit(&count, memory_order_relaxed) >= RECORDS_MOST - RECORDS_OF_ANY_STACK))
        return find_for_any_stack(bytes);
    return make(stack, bytes, hash);
}

/* `freed` first, with acquire: a sample was taken before it was freed, so no more are freed than were taken. */
struct record_counts record_count(const struct sample_record *record)
{
    uint64_t freed = atomic_load_explicit(&record->freed, memory_order_acquire),
             taken = atomic_load_explicit(&record->taken, memory_order_relaxed);
    return (struct record_counts){taken, taken - freed};
}

void records_each(void (*visit)(const struct sample_record *record, void *context), void *context)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (const struct sample_record *record = first_in(i); record != NULL; record = record->next)
            visit(record, context);
}

struct records_size records_size(void)
{
    return (struct records_size){atomic_load_explicit(&count, memory_order_relaxed),
                                 atomic_load_explicit(&bytes_taken, memory_order_relaxed)};
}
