/* SPDX-License-Identifier: MIT */
#include "lib/heap/sampled.h"

#include "lib/base/lock.h"
#include "lib/space/metadata.h"

static struct lock lock = LOCK_INITIALIZER;
static _Atomic uint64_t owner_bytes; /* under `lock`; others read (relaxed) */

static bool give_owners(struct slab *slab)
{
    size_t bytes = round_up((size_t)slab_most_blocks(slab) * sizeof *slab->owners, METADATA_PAGE);
    slab->owners = metadata_new_pages(bytes);
    if (slab->owners == NULL)
        return false;
    heap_count(&owner_bytes, bytes);
    return true;
}

/* Under `lock`: makes a slab if none of CLASS has free blocks. Its descriptor keeps the owners' words when it is used
 * for another slab later. */
static bool find(unsigned class)
{
    if (sampled_heap.partial[class] == NULL && !heap_add_slab(&sampled_heap, class, 0))
        return false;
    struct slab *slab = sampled_heap.partial[class];
    return slab->owners != NULL || give_owners(slab);
}

void *sampled_take(unsigned class, void *owner)
{
    void *block = NULL;
    lock_take(&lock);
    if (find(class)) {
        struct slab *slab = sampled_heap.partial[class];
        heap_take(&sampled_heap, class, &block + 1, 1);
        slab->owners[slab_index(slab, block)] = owner;
        heap_count_allocated(&sampled_heap, class, 1);
    }
    lock_release(&lock);
    return block;
}

/* Whether the block with INDEX, if there is one, is watched. Under `lock`, or while its holder asks. */
static bool is_taken(const struct slab *slab, uint32_t index)
{
    return index != SLAB_NO_BLOCK && slab->owners != NULL && slab->owners[index] != NULL;
}

/* A report comes without the lock: a handler of SIGABRT may allocate. */
void *sampled_give(void *pointer)
{
    struct slab *slab = page_map_descriptor(pointer), *emptied = NULL;
    uint32_t index = slab_index(slab, pointer), put = 0;
    unsigned class = slab->class;
    void *owner = NULL;
    lock_take(&lock);
    if (LIKELY(is_taken(slab, index))) {
        owner = slab->owners[index];
        slab->owners[index] = NULL;
        put = heap_put(&sampled_heap, class, &pointer, 1, &emptied);
        heap_count_allocated(&sampled_heap, class, -(int64_t)put);
    }
    lock_release(&lock);
    if (UNLIKELY(put == 0))
        slab_report_not_free(slab, pointer, "free");
    heap_delete_slabs(emptied);
    return owner;
}

size_t sampled_usable(const void *pointer, const char *function)
{
    const struct slab *slab = page_map_descriptor(pointer);
    if (LIKELY(is_taken(slab, slab_index(slab, pointer))))
        return size_classes[slab->class].size;
    slab_report_not_free(slab, pointer, function);
    return SAMPLED_NONE;
}

uint64_t sampled_owner_bytes(void)
{
    return atomic_load_explicit(&owner_bytes, memory_order_relaxed);
}

void sampled_lock(void)
{
    lock_take(&lock);
}

void sampled_unlock(void)
{
    lock_release(&lock);
}

void sampled_reset_lock(void)
{
    lock_reset(&lock);
}
