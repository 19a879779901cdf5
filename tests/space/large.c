/* SPDX-License-Identifier: MIT */
/* Large blocks: runs and mappings, resizing that keeps the content, refusals, misuse. */
#include "tests/space/large.h"

#include "lib/base/os.h"
#include "lib/space/page_map.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

static struct large_counts counted(void)
{
    struct large_counts counts;
    large_count(&counts, false);
    return counts;
}

static void cleared_for_calloc(void **state)
{
    (void)state;
    char *block = take(4 * MIB);
    memset(block, 0xff, 4 * MIB);
    large_give(block);
    char *zeros = hak_calloc(1, 4 * MIB);
    assert_ptr_equal(zeros, block);
    for (size_t at = 0; at < 4 * MIB; at++)
        assert_int_equal(zeros[at], 0);
    hak_free(zeros);
}

/* BYTES that were written, freed and are retained; and calloc's block of that length. */
static char *cleared_after_others(size_t bytes)
{
    char *block = take(bytes);
    memset(block, 0xff, bytes);
    large_give(block);
    char *zeros = hak_calloc(1, bytes);
    CHILD_CHECK(zeros != NULL);
    return zeros;
}

static void check_zeros(const char *zeros, size_t bytes)
{
    for (size_t at = 0; at < bytes; at++)
        CHILD_CHECK(zeros[at] == 0);
}

/* Long blocks of calloc are tables of which little is used, as long as none of them was seen filled: nothing is
 * resident of them but what is written. */
static void sparse_until_filled_in_child(void)
{
    static const size_t lengths[] = {MIB, 8 * MIB, 48 * MIB};
    hak_active_profile.large_cache = 200 * MIB;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char *zeros = cleared_after_others(lengths[i]);
        CHILD_CHECK(os_resident(zeros, lengths[i]) <= PAGE_BYTES);
        zeros[lengths[i] / 2] = 1;
        CHILD_CHECK(os_resident(zeros, lengths[i]) <= 2 * PAGE_BYTES);
        zeros[lengths[i] / 2] = 0;
        check_zeros(zeros, lengths[i]);
        memset(zeros, 1, lengths[i]);
        hak_free(zeros);
        zeros = cleared_after_others(lengths[i]); /* now one was filled: so this has memory already */
        CHILD_CHECK(os_resident(zeros, lengths[i]) >= lengths[i] - PAGE_BYTES);
        check_zeros(zeros, lengths[i]);
        hak_free(zeros);
        hak_malloc_trim(0);
    }
}

static void calloc_is_sparse_until_filled(void **state)
{
    (void)state;
    skip_in_emulator();
    assert_child_passes(sparse_until_filled_in_child);
}

static void aligned(void **state)
{
    (void)state;
    for (size_t alignment = PAGE_BYTES; alignment <= 64 * MIB; alignment *= 2) {
        bool zeroed;
        char *run = large_take(1, alignment, false, &zeroed), *mapping = large_take(3 * MIB, alignment, false, &zeroed);
        assert_int_equal((uintptr_t)run % alignment, 0);
        assert_int_equal((uintptr_t)mapping % alignment, 0);
        large_give(run);
        large_give(mapping);
    }
}

static void stamp(char *block, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 4096)
        *(size_t *)(block + at) = at + 1;
}

static void check_stamp(const char *block, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 4096)
        assert_int_equal(*(const size_t *)(block + at), at + 1);
}

static void resized_blocks_keep_their_content(void **state)
{
    (void)state;
    uint32_t seed = 1;
    size_t bytes = 3 * MIB;
    char *block = hak_malloc(bytes);
    stamp(block, bytes);
    for (int step = 0; step < 150; step++) {
        size_t next = 1 + random_next(&seed) % (step % 3 == 0 ? 24 * MIB : 2 * MIB);
        char *moved = hak_realloc(block, next);
        assert_non_null(moved);
        assert_true(hak_malloc_usable_size(moved) >= next);
        check_stamp(moved, bytes < next ? bytes & ~(size_t)4095 : next & ~(size_t)4095);
        stamp(moved, next & ~(size_t)4095);
        block = moved;
        bytes = next;
    }
    hak_free(block);
}

static void moved_without_a_copy(void **state)
{
    (void)state;
    char *block = take(40 * MIB), *old = block;
    stamp(block, 40 * MIB);
    void *behind = take(40 * MIB); /* the kernel maps downwards, so one of the two cannot grow in place */
    block = large_resize(block, 100 * MIB);
    assert_non_null(block);
    check_stamp(block, 40 * MIB);
    if (block != old)
        assert_int_equal(page_map_entry(old), PAGE_FOREIGN);
    assert_int_equal(page_map_entry(block), PAGE_LARGE);
    assert_int_equal(counted().mapping_bytes, large_usable(block, "test") + 40 * MIB);
    large_give(block);
    large_give(behind);
    assert_int_equal(counted().mappings, 0);
}

static void runs_grow_and_shrink_in_place(void **state)
{
    (void)state;
    struct pool_counts before, after;
    pool_count(&before, false);
    void *run = take(2 * PAGE_BYTES);
    if (large_resize(run, 6 * PAGE_BYTES) != NULL)
        assert_int_equal(large_usable(run, "test"), 6 * PAGE_BYTES);
    assert_ptr_equal(large_resize(run, PAGE_BYTES), run);
    assert_int_equal(large_usable(run, "test"), PAGE_BYTES);
    assert_null(large_resize(run, 40 * MIB)); /* longer than any run: to be copied */
    large_give(run);
    pool_count(&after, false);
    assert_int_equal(after.used_bytes, before.used_bytes);
}

/* A run that the kernel has as several mappings stays as it is where it cannot grow in place: realloc copies it. */
static void a_run_that_cannot_move_stays(void **state)
{
    (void)state;
    char *run = take(3 * MIB);
    stamp(run, 3 * MIB);
    assert_int_equal(madvise(run + MIB, MIB, MADV_DONTFORK), 0);
    char *moved = large_resize(run, 40 * MIB);
    if (moved != NULL) { /* an emulator has them as one */
        check_stamp(moved, 3 * MIB);
        hak_free(moved);
        print_message("skipped: an emulator moves them as one\n");
        skip();
    }
    assert_true(large_usable(run, "test") >= 3 * MIB);
    check_stamp(run, 3 * MIB);
    run = hak_realloc(run, 40 * MIB);
    assert_non_null(run);
    check_stamp(run, 3 * MIB);
    hak_free(run);
}

static void large_blocks_tick_the_purge(void **state)
{
    (void)state;
    hak_active_profile.purge_delay = 1;
    hak_active_profile.large_cache = 64 * MIB;
    large_give(take(40 * MIB));
    assert_int_equal(of_pool().mapping_bytes, 40 * MIB);
    for (int i = 0; i < 10000 && of_pool().mapping_bytes != 0; i++) { /* the clock is coarse */
        usleep(1000);
        large_give(take(2 * PAGE_BYTES));
    }
    assert_int_equal(of_pool().mapping_bytes, 0);
    hak_active_profile.large_cache = 32 * MIB;
}

static void sizes_that_cannot_be(void **state)
{
    (void)state;
    bool zeroed;
    void *block = take(MIB / 2);
    assert_null(large_take(PTRDIFF_MAX, PAGE_BYTES, false, &zeroed));
    assert_null(large_take(SIZE_MAX, PAGE_BYTES, false, &zeroed));
    assert_null(large_take(1, (size_t)1 << 62, false, &zeroed));
    assert_null(large_resize(block, SIZE_MAX));
    assert_null(large_resize(block, PTRDIFF_MAX));
    large_give(block);
}

static void room_of_the_cache_in_child(void)
{
    pool_reclaim();
    limit_address_space(60 * MIB);
    void *block = hak_malloc(30 * MIB);
    CHILD_CHECK(block != NULL);
    hak_free(block);
    CHILD_CHECK((block = hak_malloc(50 * MIB)) != NULL);
    errno = 0;
    CHILD_CHECK(hak_malloc(50 * MIB) == NULL && errno == ENOMEM);
    hak_free(block);
}

static void room_of_empty_superslabs_in_child(void)
{
    void *block[64];
    size_t count = 0;
    hak_active_profile.superslab_keep_empty = 64;
    pool_reclaim();
    limit_address_space(60 * MIB);
    while (count < 64 && (block[count] = hak_malloc(MIB)) != NULL)
        count++;
    CHILD_CHECK(count >= 40 && count < 64);
    while (count != 0)
        hak_free(block[--count]);
    CHILD_CHECK((block[0] = hak_malloc(50 * MIB)) != NULL);
    hak_free(block[0]);
    for (count = 0; count < 40; count++)
        CHILD_CHECK((block[count] = hak_malloc(MIB)) != NULL);
    lift_address_space();
    CHILD_CHECK(hak_malloc(100 * MIB) != NULL);
}

static void what_is_kept_makes_room(void **state)
{
    (void)state;
    assert_child_passes(room_of_the_cache_in_child);
    assert_child_passes(room_of_empty_superslabs_in_child);
}

static void *take_while_cancelled(void *nothing)
{
    int before;
    (void)nothing;
    pthread_cancel(pthread_self());
    void *block = hak_malloc(4 * MIB);
    hak_free(block);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return block;
}

static void cancelled_in_child(void)
{
    pthread_t thread;
    void *result;
    hak_active_profile.pages_huge = HAK_HUGE_MADVISE;
    pthread_create(&thread, NULL, take_while_cancelled, NULL);
    pthread_join(thread, &result);
    CHILD_CHECK(result != PTHREAD_CANCELED && result != NULL);
    CHILD_CHECK(hak_malloc(4 * MIB) != NULL);
}

static void malloc_is_no_cancellation_point(void **state)
{
    (void)state;
#ifdef __SANITIZE_THREAD__
    print_message("skipped: ThreadSanitizer handles the cancellation of a thread itself, and hangs\n");
    skip();
#endif
    assert_child_passes(cancelled_in_child);
}

static void free_twice(void)
{
    void *block = hak_malloc(MIB / 2);
    hak_free(block);
    hak_free(block);
}

static void free_inside(void)
{
    char *block = hak_malloc(4 * MIB);
    hak_free(block + 64);
}

static void free_inside_beyond_the_first_page(void)
{
    char *block = hak_malloc(4 * MIB);
    hak_free(block + 2 * PAGE_BYTES);
}

static void misuse_ends_the_program(void **state)
{
    (void)state;
    assert_child_aborts(free_twice, "is freed already");
    assert_child_aborts(free_inside, "is not the start of a block (it lies 64 bytes into one of 4194304)");
    assert_child_aborts(free_inside_beyond_the_first_page, "it lies inside a large one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(cleared_for_calloc, setup),
        cmocka_unit_test_setup(calloc_is_sparse_until_filled, setup),
        cmocka_unit_test_setup(aligned, setup),
        cmocka_unit_test_setup(resized_blocks_keep_their_content, setup),
        cmocka_unit_test_setup(moved_without_a_copy, setup),
        cmocka_unit_test_setup(runs_grow_and_shrink_in_place, setup),
        cmocka_unit_test_setup(a_run_that_cannot_move_stays, setup),
        cmocka_unit_test_setup(large_blocks_tick_the_purge, setup),
        cmocka_unit_test_setup(sizes_that_cannot_be, setup),
        cmocka_unit_test_setup(what_is_kept_makes_room, setup),
        cmocka_unit_test_setup(malloc_is_no_cancellation_point, setup),
        cmocka_unit_test_setup(misuse_ends_the_program, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
