/* SPDX-License-Identifier: MIT */
/* Heaps that go from hand to hand: hand-over, adoption, and remote frees that reach whoever owns the slab. */
#include "lib/heap/registry.h"

#include "lib/heap/drain.h"
#include "lib/heap/refill.h"
#include "lib/heap/remote_free.h"
#include "lib/profile/active.h"
#include "lib/thread/thread_cache.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#define CLASS_BYTES 4096
#define BLOCKS 100

static unsigned class;
static struct remote_buffer buffer;

static uint64_t slabs_of(const struct heap *heap)
{
    return atomic_load(&heap->counts.slabs[class]);
}

static uint32_t index_in(const struct slab *slab, const char *block)
{
    return (uint32_t)(block - slab->base) / CLASS_BYTES;
}

static int64_t allocated_of(const struct heap *heap)
{
    return atomic_load(&heap->counts.allocated[class]);
}

static struct heap *make(void)
{
    struct thread_cache *cache = thread_cache_new();
    CHILD_CHECK(cache != NULL);
    return &cache->heap;
}

static void take(struct heap *heap, void **block, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) /* one by one: what comes at once is out of one slab */
        CHILD_CHECK(refill_take(heap, class, block + i + 1, 1) == 1);
}

static struct slab *slab_at(const void *block)
{
    return page_map_descriptor(block);
}

/* Each test in a child, with a registry of its own. */
static void handed_over(void)
{
    void *block[BLOCKS];
    struct heap *first = make(), *second = make();
    CHILD_CHECK(first->id != second->id && registry_take() == NULL);
    take(first, block, BLOCKS);
    CHILD_CHECK(allocated_of(first) == BLOCKS);
    registry_give(first);
    CHILD_CHECK(registry_take() == first && !atomic_load(&first->idle));
    drain_put(first, class, block, BLOCKS);
    CHILD_CHECK(allocated_of(first) == 0 && slabs_of(first) == 1);
    registry_give(second);
    registry_give(first);
    CHILD_CHECK(slabs_of(first) == 0); /* an idle heap keeps nothing empty */
    CHILD_CHECK(registry_take() == first && registry_take() == second &&
                registry_take() == NULL); /* the warmest first */
}

/* With what they have in their stacks, which so belongs to nobody else. */
static void kept(void)
{
    void *block[BLOCKS];
    struct heap *heap[3] = {make(), make(), make()}, *other = make();
    hak_active_profile.thread_cache_keep = 2;
    for (int i = 0; i < 3; i++) {
        take(heap[i], block, 1);                                            /* the slab has others that are free */
        CHILD_CHECK(registry_keep(heap[i], 0) == (i < 2 ? NULL : heap[0])); /* the oldest goes */
    }
    CHILD_CHECK(!atomic_load(&heap[0]->idle) && atomic_load(&heap[1]->idle) && atomic_load(&heap[2]->idle));
    CHILD_CHECK(!registry_adopt(other, class));
    registry_give(heap[0]);
    CHILD_CHECK(registry_take_kept() == heap[1] && !atomic_load(&heap[1]->idle));
    CHILD_CHECK(registry_keep(heap[1], 0) == NULL);
    CHILD_CHECK(registry_take() == heap[1] && registry_take() == heap[2] && registry_take() == heap[0] &&
                registry_take() == NULL);
    CHILD_CHECK(registry_take_kept() == NULL);
    hak_active_profile.thread_cache_keep = 0;
    CHILD_CHECK(registry_keep(heap[0], 0) == heap[0]);
}

static void frees_to_a_kept_heap_are_collected(void)
{
    void *block[BLOCKS];
    struct heap *owner = make();
    take(owner, block, BLOCKS);
    CHILD_CHECK(registry_keep(owner, 0) == NULL);
    for (int i = 0; i < BLOCKS; i++)
        remote_free_one(block[i]);
    CHILD_CHECK(!heap_has_pending(owner) && allocated_of(owner) == 0 && slabs_of(owner) == 0);
}

static void large_heaps_are_not_kept(void)
{
    static void *block[(5 << 20) / CLASS_BYTES];
    struct heap *owner = make();
    take(owner, block, sizeof block / sizeof *block);
    CHILD_CHECK(heap_bytes(owner) >= 5 << 20 && registry_keep(owner, 0) == owner && !atomic_load(&owner->idle));
    struct heap *other = make();
    CHILD_CHECK(registry_keep(other, 5 << 20) == other &&
                !atomic_load(&other->idle)); /* in the stacks, of the shared heap's */
    CHILD_CHECK(registry_keep(other, 3 << 20) == NULL && atomic_load(&other->idle));
}

static void adopted(void)
{
    void *block[BLOCKS], *more[4];
    struct heap *idle = make(), *heap = make();
    take(idle, block, BLOCKS);
    drain_put(idle, class, block, 1);
    struct slab *partial = slab_at(block[0]);
    CHILD_CHECK(!registry_adopt(heap, class)); /* its holder still has it */
    registry_give(idle);
    CHILD_CHECK(registry_adopt(heap, class) && atomic_load(&partial->heap) == heap);
    CHILD_CHECK(page_map_entry(partial->base) == heap_entry(heap, class) &&
                atomic_load(&heap->counts.slabs_adopted) >= 1);
    CHILD_CHECK(!registry_adopt(heap, class)); /* nothing is left there */
    take(heap, more, 1);
    CHILD_CHECK(atomic_load(&slab_at(more[0])->heap) == heap);
    CHILD_CHECK(slabs_of(heap) == atomic_load(&heap->counts.slabs_adopted)); /* no new memory */
    CHILD_CHECK(allocated_of(heap) + allocated_of(idle) == BLOCKS);
    drain_put(heap, class, more, 1);
}

static void remote_frees_reach_the_owner(void)
{
    void *block[BLOCKS];
    struct heap *owner = make(), *freer = make();
    take(owner, block, BLOCKS);
    for (int i = 0; i < BLOCKS; i++)
        remote_free_add(&buffer, freer, class, block[i]);
    remote_free_flush(&buffer, freer);
    CHILD_CHECK(buffer.count == 0 && atomic_load(&freer->counts.remote_blocks) == BLOCKS);
    CHILD_CHECK(heap_has_pending(owner) && allocated_of(owner) == BLOCKS); /* the owner has not looked yet */
    registry_collect(owner);
    CHILD_CHECK(!heap_has_pending(owner) && allocated_of(owner) == 0 && slabs_of(owner) == 1);
}

static void full_buffers_are_handed_back(void)
{
    void *block[BLOCKS];
    struct heap *owner = make(), *freer = make();
    hak_active_profile.remote_free_drain_threshold = 10;
    take(owner, block, BLOCKS);
    for (int i = 0; i < BLOCKS; i++)
        remote_free_add(&buffer, freer, class, block[i]);
    CHILD_CHECK(atomic_load(&freer->counts.remote_flushes) == BLOCKS / 10 && buffer.count == 0);
    hak_active_profile.remote_free_drain_threshold = 1024; /* now the bytes decide */
    registry_collect(owner);
    take(owner, block, BLOCKS);
    for (int i = 0; i < BLOCKS; i++)
        remote_free_add(&buffer, freer, class, block[i]);
    CHILD_CHECK(atomic_load(&freer->counts.remote_flushes) ==
                BLOCKS / 10 + BLOCKS / (REMOTE_BUFFER_MAX_BYTES / CLASS_BYTES));
}

static void frees_to_an_idle_heap_are_collected(void)
{
    void *block[BLOCKS];
    struct heap *owner = make();
    take(owner, block, BLOCKS);
    registry_give(owner);
    for (int i = 0; i < BLOCKS; i++)
        remote_free_one(block[i]);
    CHILD_CHECK(!heap_has_pending(owner) && allocated_of(owner) == 0 && slabs_of(owner) == 0);
    CHILD_CHECK(page_map_entry(block[0]) == PAGE_FOREIGN);
}

/* A slab that was announced to one heap and has gone to another before that one looked. */
static void passed_on(void)
{
    void *block[BLOCKS];
    struct heap *old = make(), *owner = make();
    take(old, block, BLOCKS);
    drain_put(old, class, block, 1);
    struct slab *slab = slab_at(block[0]);
    uint32_t second = index_in(slab, block[1]);
    slab_mark_remote(slab, second / 64, UINT64_C(1) << second % 64);
    registry_give(old);
    CHILD_CHECK(registry_adopt(owner, class) && atomic_load(&slab->heap) == owner);
    CHILD_CHECK(slab_sign_remote(slab, 1));
    slab->pending_next = NULL; /* as a freer that read the owner before the adoption */
    atomic_store(&old->pending, slab);
    registry_after_push(old);
    CHILD_CHECK(!heap_has_pending(old) && heap_has_pending(owner));
    uint16_t before = slab->free_blocks;
    registry_collect(owner);
    CHILD_CHECK(slab->free_blocks == before + 1 && slab->owed == 0 && !heap_has_pending(owner));
}

static void owed_slabs_wait_for_their_freers(void)
{
    void *block[1];
    struct heap *owner = make();
    take(owner, block, 1);
    struct slab *slab = slab_at(block[0]);
    uint32_t index = index_in(slab, block[0]);
    slab_mark_remote(slab, index / 64, UINT64_C(1) << index % 64);
    slab_collect(slab); /* the bit before the signature */
    registry_give(owner);
    CHILD_CHECK(slab->owed == 1 && page_map_entry(slab->base) != PAGE_FOREIGN);
    CHILD_CHECK(slab_sign_remote(slab, 1));
    registry_after_push(heap_push_pending(slab));
    CHILD_CHECK(page_map_entry(block[0]) == PAGE_FOREIGN && slabs_of(owner) == 0);
}

static void never_touched_blocks_are_zero(void)
{
    struct heap *heap = make();
    for (int i = 0; i < 1000; i++) {
        unsigned char *block = refill_take_zeroed(heap, class);
        if (block == NULL)
            take(heap, (void **)&block, 1);
        else
            for (size_t at = 0; at < CLASS_BYTES; at++)
                CHILD_CHECK(block[at] == 0);
        memset(block, 0xff, CLASS_BYTES);
        if (i % 3 == 0)
            drain_put(heap, class, (void *const *)&block, 1);
    }
    CHILD_CHECK(atomic_load(&heap->counts.zero_fills_spared) > 100);
}

#define IN_CHILD(body)                    \
    static void test_##body(void **state) \
    {                                     \
        (void)state;                      \
        assert_child_passes(body);        \
    }
IN_CHILD(handed_over)
IN_CHILD(kept)
IN_CHILD(frees_to_a_kept_heap_are_collected)
IN_CHILD(large_heaps_are_not_kept)
IN_CHILD(adopted)
IN_CHILD(remote_frees_reach_the_owner)
IN_CHILD(full_buffers_are_handed_back)
IN_CHILD(frees_to_an_idle_heap_are_collected)
IN_CHILD(passed_on)
IN_CHILD(owed_slabs_wait_for_their_freers)
IN_CHILD(never_touched_blocks_are_zero)

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    class = size_class_of(CLASS_BYTES);
    for (unsigned each = 0; each < size_class_count; each++)
        size_classes[each].shared = false; /* every block is some heap's */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handed_over),
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_frees_to_a_kept_heap_are_collected),
        cmocka_unit_test(test_large_heaps_are_not_kept),
        cmocka_unit_test(test_adopted),
        cmocka_unit_test(test_remote_frees_reach_the_owner),
        cmocka_unit_test(test_full_buffers_are_handed_back),
        cmocka_unit_test(test_frees_to_an_idle_heap_are_collected),
        cmocka_unit_test(test_passed_on),
        cmocka_unit_test(test_owed_slabs_wait_for_their_freers),
        cmocka_unit_test(test_never_touched_blocks_are_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
