/* SPDX-License-Identifier: MIT */
/* Blocks that are freed twice. The misuses whose names end with at_end are followed by nothing but the program's end.
 */
#include "tests/misuse/misuse.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void free_twice(void *block)
{
    release(block);
    release(block);
    misused();
}

static enum outcome small(void)
{
    free_twice(block_of(SMALL));
    return live_on(SMALL, NULL, 0);
}

static enum outcome small_at_end(void)
{
    free_twice(block_of(16));
    return SILENT;
}

static enum outcome least(void)
{
    free_twice(block_of(0));
    return live_on(8, NULL, 0);
}

static enum outcome shared(void)
{
    free_twice(block_of(SHARED));
    return live_on(SHARED, NULL, 0);
}

static enum outcome medium(void)
{
    free_twice(block_of(MEDIUM));
    return live_on(MEDIUM, NULL, 0);
}

static enum outcome large(void)
{
    free_twice(block_of(LARGE));
    return live_on(LARGE, NULL, 0);
}

static enum outcome huge(void)
{
    free_twice(block_of(HUGE));
    return live_on(HUGE, NULL, 0);
}

static enum outcome aligned(void)
{
    free_twice(aligned_block_of(512, 500));
    return live_on(512, NULL, 0);
}

static enum outcome page_aligned(void)
{
    free_twice(aligned_block_of(4 * KIB, 4 * KIB));
    return live_on(4 * KIB, NULL, 0);
}

static enum outcome large_aligned(void)
{
    free_twice(aligned_block_of(2 * MIB, LARGE));
    return live_on(LARGE, NULL, 0);
}

static enum outcome after_another(size_t size)
{
    void *block = block_of(size), *other = block_of(size);
    release(block);
    release(other);
    release(block);
    misused();
    return SILENT;
}

static enum outcome small_delayed_at_end(void)
{
    return after_another(16);
}

static enum outcome large_delayed_at_end(void)
{
    return after_another(LARGE);
}

/* So many frees lie between the two that no short memory of the last ones reaches back. */
#define BETWEEN 200

static enum outcome small_long_delayed(void)
{
    void *block = block_of(SMALL), *others[BETWEEN];
    for (size_t i = 0; i < BETWEEN; i++)
        others[i] = block_of(SMALL);
    release(block);
    for (size_t i = 0; i < BETWEEN; i++)
        release(others[i]);
    release(block);
    misused();
    return live_on(SMALL, NULL, 0);
}

/* The block was long back in its slab, which others keep in use. */
#define NEIGHBOURS 20000

static enum outcome small_drained(void)
{
    static void *neighbours[NEIGHBOURS];
    for (size_t i = 0; i < NEIGHBOURS; i++)
        neighbours[i] = block_of(SMALL);
    for (size_t i = 0; i < NEIGHBOURS; i++)
        if (i % 64 < 48)
            release(neighbours[i]);
    release(neighbours[64]);
    misused();
    for (size_t i = 0; i < NEIGHBOURS; i++)
        if (i % 64 >= 48)
            release(neighbours[i]);
    churn(SMALL);
    return SILENT;
}

/* The block has a new owner, who loses it. */
static enum outcome reused(size_t size)
{
    enum { MOST_TRIES = 100 };
    void *block = block_of(size), *tries[MOST_TRIES];
    size_t tried = 0;
    release(block);
    do
        tries[tried] = block_of(size);
    while (tries[tried++] != block && tried < MOST_TRIES);
    if (tries[tried - 1] != block) {
        release(block);
        misused();
        return live_on(size, NULL, 0);
    }
    fill_foreign(block, size);
    release(block);
    misused();
    return live_on(size, block, size);
}

static enum outcome small_reused(void)
{
    return reused(SMALL);
}

static enum outcome large_reused(void)
{
    return reused(LARGE);
}

static void *release_in_thread(void *block)
{
    release(block);
    return NULL;
}

static enum outcome by_another_thread(void)
{
    void *block = block_of(SMALL);
    release(block);
    in_thread(release_in_thread, block);
    misused();
    return live_on(SMALL, NULL, 0);
}

static enum outcome shared_by_another_thread(void)
{
    void *block = block_of(SHARED);
    release(block);
    in_thread(release_in_thread, block);
    misused();
    return live_on(SHARED, NULL, 0);
}

static enum outcome large_by_another_thread(void)
{
    void *block = block_of(LARGE);
    in_thread(release_in_thread, block);
    release(block);
    misused();
    return live_on(LARGE, NULL, 0);
}

static void *free_all(void *blocks)
{
    for (size_t i = 0; i < NEIGHBOURS; i++)
        release(((void **)blocks)[i]);
    return NULL;
}

static enum outcome all_by_two_other_threads(void)
{
    static void *blocks[NEIGHBOURS];
    for (size_t i = 0; i < NEIGHBOURS; i++)
        blocks[i] = block_of(SMALL);
    in_thread(free_all, blocks);
    in_thread(free_all, blocks);
    misused();
    churn(SMALL);
    return SILENT;
}

static void *free_twice_in_thread(void *nothing)
{
    free_twice(block_of(SMALL));
    return nothing;
}

static enum outcome before_thread_end(void)
{
    in_thread(free_twice_in_thread, NULL);
    return live_on(SMALL, NULL, 0);
}

static void release_in_child(void *block)
{
    release(block);
    misused();
    live_on(SMALL, NULL, 0);
}

static enum outcome in_forked_child(void)
{
    void *block = block_of(SMALL);
    release(block);
    in_child(release_in_child, block);
    return SILENT;
}

static enum outcome after_realloc_to_zero(void)
{
    void *block = block_of(SMALL);
    if (resize(block, 0) != NULL)
        return ABSENT;
    release(block);
    misused();
    return live_on(SMALL, NULL, 0);
}

static enum outcome after_realloc_moved(void)
{
    void *block = block_of(SMALL), *moved = resize(block, 40 * SMALL);
    if (moved == block)
        return ABSENT;
    release(block);
    misused();
    return live_on(SMALL, NULL, 0);
}

static enum outcome by_delete(void)
{
    void (*volatile delete)(void *) = (void (*)(void *))function_called("_ZdlPv");
    void *(*volatile make)(size_t) = (void *(*)(size_t))function_called(sizeof(size_t) == 8 ? "_Znwm" : "_Znwj");
    if (delete == NULL || make == NULL)
        return ABSENT;
    void *block = make(SMALL);
    delete (block);
    delete (block);
    misused();
    return live_on(SMALL, NULL, 0);
}

/* SIGABRT has a handler that allocates, frees and forks, as one that writes a report does. */
static void handle(int signal)
{
    (void)signal;
    churn(SHARED);
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    if (child < 0 || waitpid(child, NULL, 0) != child)
        _exit(98);
}

static enum outcome handled(void)
{
    static void *blocks[NEIGHBOURS];
    signal(SIGABRT, handle);
    for (size_t i = 0; i < NEIGHBOURS; i++)
        blocks[i] = block_of(SHARED);
    release(blocks[10]);
    for (size_t i = 20; i < NEIGHBOURS; i++) /* as many as send it home */
        release(blocks[i]);
    release(blocks[10]);
    misused();
    churn(SHARED);
    return SILENT;
}

const struct misuse double_frees[] = {
    {"double_free_small", small},
    {"double_free_small_at_end", small_at_end},
    {"double_free_small_delayed_at_end", small_delayed_at_end},
    {"double_free_small_long_delayed", small_long_delayed},
    {"double_free_small_drained", small_drained},
    {"double_free_small_reused", small_reused},
    {"double_free_least", least},
    {"double_free_shared", shared},
    {"double_free_medium", medium},
    {"double_free_large", large},
    {"double_free_large_delayed_at_end", large_delayed_at_end},
    {"double_free_large_reused", large_reused},
    {"double_free_huge", huge},
    {"double_free_aligned", aligned},
    {"double_free_page_aligned", page_aligned},
    {"double_free_large_aligned", large_aligned},
    {"double_free_by_another_thread", by_another_thread},
    {"double_free_shared_by_another_thread", shared_by_another_thread},
    {"double_free_large_by_another_thread", large_by_another_thread},
    {"double_free_all_by_two_other_threads", all_by_two_other_threads},
    {"double_free_before_thread_end", before_thread_end},
    {"double_free_in_forked_child", in_forked_child},
    {"double_free_after_realloc_to_zero", after_realloc_to_zero},
    {"double_free_after_realloc_moved", after_realloc_moved},
    {"double_free_by_delete", by_delete},
    {"double_free_handled", handled},
    {NULL, NULL},
};
