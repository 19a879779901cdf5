/* SPDX-License-Identifier: MIT */
#include "lib/thread/life.h"

#include "lib/base/bootstrap_arena.h"
#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/base/report.h"
#include "lib/heap/registry.h"
#include "lib/heap/shared.h"
#include "lib/profile/active.h"
#include "lib/profile/find.h"
#include "lib/space/large.h"
#include "lib/space/metadata.h"
#include "lib/space/page_map.h"
#include "lib/space/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

enum { NEW, STARTING, READY };

static _Atomic int process_stage; /* READY is stored with release, after all that the start writes; read with acquire */
static _Thread_local bool starting __attribute__((tls_model("initial-exec")));
static _Thread_local bool ending __attribute__((tls_model("initial-exec")));
static pthread_key_t end_key; /* const after the start: its destructor is how the end of a thread is noticed */
static bool have_end_key;     /* const after the start */

/* Loads the profile that HAKMEM_PROFILE names. One that is refused leaves the built-in default as a whole, or ends the
 * program if that is asked. */
static COLD void load_profile(void)
{
    if (!hak_profile_is_named())
        return;
    /* Not on the stack: the first malloc may come on a small one. */
    struct {
        struct hak_profile profile;
        char source[HAK_PROFILE_PATH_SIZE], message[HAK_PROFILE_MESSAGE_SIZE];
    } *found = bootstrap_take(sizeof *found, BLOCK_ALIGNMENT);
    enum hak_profile_origin origin = hak_profile_from_environment(&found->profile, found->source, sizeof found->source,
                                                                  found->message, sizeof found->message);
    if (origin == HAK_PROFILE_REFUSED) {
        bool strict = hak_profile_is_strict();
        report_line("%s; %s", found->message,
                    strict ? "stopping (HAKMEM_PROFILE_STRICT=1)" : "using the built-in default profile");
        if (strict)
            _exit(2);
    }
    if (origin != HAK_PROFILE_LOADED)
        return;
#ifdef HAK_BAKED_PROFILE
    bool strict = hak_profile_is_strict();
    report_line("%s: this library has the profile \"%s\" compiled in; %s", found->source, hak_active_profile.name,
                strict ? "stopping (HAKMEM_PROFILE_STRICT=1)" : "using that");
    if (strict)
        _exit(2);
#else
    hak_active_profile = found->profile;
#endif
}

/* Of the C library, where it has one: no other thread exists, nor any whose end is still under way. */
extern char __libc_single_threaded __attribute__((weak));

/* From fork_prepare to fork_parent: the locks are held. Initial-exec, as its place must not have to be found meanwhile.
 */
static _Thread_local bool holds_locks __attribute__((tls_model("initial-exec")));

static void take_locks(void)
{
    registry_lock();
    shared_lock();
    large_lock();
    slab_lock();
    pool_lock();
    metadata_lock();
}

static void release_locks(void)
{
    metadata_unlock();
    pool_unlock();
    slab_unlock();
    large_unlock();
    shared_unlock();
    registry_unlock();
}

static void reset_locks(void)
{
    metadata_reset_lock();
    pool_reset_lock();
    slab_reset_lock();
    large_reset_lock();
    shared_reset_lock();
    registry_reset_lock();
}

/* A thread that is alone needs no locks, and may hold one: where it forks in a signal handler that has interrupted
 * malloc. */
static void fork_prepare(void)
{
    bool alone = &__libc_single_threaded != NULL && __libc_single_threaded;
    if (lock_forks == 0 && !alone) {
        take_locks();
        holds_locks = true;
    }
    lock_forks++;
}

static void fork_parent(void)
{
    if (--lock_forks != 0 || !holds_locks)
        return;
    holds_locks = false;
    release_locks();
}

/* In the child the forking thread alone is left. Heaps of the others stay as they were: somebody's, for ever; what the
 * child frees of theirs waits there. Where the locks were not taken, they are as the interrupted call has left them,
 * and goes on with them. */
static void fork_child(void)
{
    bool held = holds_locks;
    holds_locks = false;
    lock_forks = 0;
    if (held)
        reset_locks();
}

static void thread_end(void *value);

static COLD void start(void)
{
    starting = true;
    os_start();
    load_profile();
    divert_start(); /* before size_class_start, see there */
    size_class_start();
    page_map_start();
    have_end_key = pthread_key_create(&end_key, thread_end) == 0;
    pthread_atfork(fork_prepare, fork_parent, fork_child);
    starting = false;
}

/* True when the process is ready; false in the thread that is starting it. */
static bool process_ready(void)
{
    if (LIKELY(atomic_load_explicit(&process_stage, memory_order_acquire) == READY))
        return true;
    if (starting)
        return false;
    int stage = NEW;
    if (atomic_compare_exchange_strong_explicit(&process_stage, &stage, STARTING, memory_order_acquire,
                                                memory_order_acquire)) {
        start();
        atomic_store_explicit(&process_stage, READY, memory_order_release);
    }
    while (atomic_load_explicit(&process_stage, memory_order_acquire) != READY)
        sched_yield(); /* another thread starts: the time of reading a small file */
    return true;
}

/* The library starts before the program's constructors where the loader runs it first, and at the first call otherwise.
 */
__attribute__((constructor(101))) static void start_early(void)
{
    process_ready();
}

#ifdef PIC
#define AT_PAGE __attribute__((aligned(4096)))
#else
#define AT_PAGE
#endif

/* After the library's other constructors. GNU's linker puts constructors between COLD code and the rest; another's
 * order shows in where this file's other functions lie. */
__attribute__((constructor, section(".text.startup"))) AT_PAGE static void end_start(void)
{
    bool cold_comes_first = (uintptr_t)life_attach > (uintptr_t)end_start;
    os_drop_start(cold_comes_first ? (const void *)end_start : NULL);
}

static void empty_and_give(struct heap *heap)
{
    struct thread_cache *cache = thread_cache_of_heap(heap);
    thread_cache_drain_all(cache);
    thread_cache_ungrow(cache);
    registry_give(heap);
}

/* CACHE has no thread any more: it is kept as it is for the next one, or what it holds goes back. Others' blocks go
 * home in any case, and its own come, which may make it small enough. */
static void put_away(struct thread_cache *cache)
{
    remote_free_flush(&cache->remote, &cache->heap);
    registry_collect(&cache->heap);
    struct heap *gone = registry_keep(&cache->heap, thread_cache_shared_bytes(cache));
    if (gone != NULL)
        empty_and_give(gone);
}

/* Runs at the thread's end, after or before other keys' destructors; those that still allocate do so without a cache.
 */
static void thread_end(void *value)
{
    ending = true;
    thread_cache_of_thread = THREAD_CACHE_NONE;
    put_away(value);
}

static struct thread_cache *cache_take(void)
{
    struct heap *heap = registry_take();
    return heap != NULL ? thread_cache_of_heap(heap) : thread_cache_new();
}

enum life_stage life_attach(struct thread_cache **cache)
{
    *cache = thread_cache_of_thread;
    if (LIKELY(*cache != THREAD_CACHE_NONE))
        return LIFE_CACHED;
    if (!process_ready())
        return LIFE_STARTING;
    if (ending || !have_end_key)
        return LIFE_ENDING;
    *cache = cache_take();
    if (*cache == NULL)
        return LIFE_NO_MEMORY;
    thread_cache_of_thread = *cache; /* before the next call, which may allocate */
    if (pthread_setspecific(end_key, *cache) == 0)
        return LIFE_CACHED;
    /* Nobody would tell us of the thread's end: so it does without a cache. */
    thread_end(*cache);
    return LIFE_ENDING;
}

void *life_take_one(unsigned class)
{
    struct thread_cache *cache = cache_take();
    if (cache == NULL)
        return NULL;
    void *block = thread_cache_take(cache, class);
    put_away(cache);
    return block;
}

bool life_release_kept(void)
{
    bool released = false;
    struct heap *heap;
    /* No more than are kept now, whatever threads end meanwhile: the oldest come first. */
    for (uint64_t most = HAK_PROFILE(thread_cache_keep); most > 0 && (heap = registry_take_kept()) != NULL; most--) {
        empty_and_give(heap);
        released = true;
    }
    return shared_release_empty() || released;
}
