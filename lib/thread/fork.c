/* SPDX-License-Identifier: MIT */
#include "lib/thread/fork.h"

#include "lib/base/gate.h"
#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/base/process.h"
#include "lib/base/secret.h"
#include "lib/heap/holes.h"
#include "lib/heap/registry.h"
#include "lib/heap/sampled.h"
#include "lib/heap/shared.h"
#include "lib/heap/slab.h"
#include "lib/profile/active.h"
#include "lib/space/guarded_slots.h"
#include "lib/space/large.h"
#include "lib/space/metadata.h"
#include "lib/space/page_map.h"
#include "lib/space/pool.h"
#include "lib/space/superslab.h"
#include "lib/thread/held_cache.h"
#include "lib/thread/stack_layout.h"

#include <pthread.h>

/* From fork_prepare to fork_parent: the locks are held. Initial-exec, as its place must not have to be found meanwhile.
 */
static _Thread_local bool holds_locks __attribute__((tls_model("initial-exec")));

static void take_locks(void)
{
    registry_lock();
    holes_lock();
    shared_lock();
    large_lock();
    sampled_lock();
    guarded_slots_lock();
    slab_lock();
    stack_layout_lock();
    pool_lock();
    page_map_lock();
    metadata_lock();
}

static void release_locks(void)
{
    metadata_unlock();
    page_map_unlock();
    pool_unlock();
    stack_layout_unlock();
    slab_unlock();
    guarded_slots_unlock();
    sampled_unlock();
    large_unlock();
    shared_unlock();
    holes_unlock();
    registry_unlock();
}

static void reset_locks(void)
{
    metadata_reset_lock();
    page_map_reset_lock();
    pool_reset_lock();
    stack_layout_reset_lock();
    slab_reset_lock();
    guarded_slots_reset_lock();
    sampled_reset_lock();
    large_reset_lock();
    shared_reset_lock();
    holes_reset_lock();
    registry_reset_lock();
}

/* A thread that is alone needs no locks, and may hold one: where it forks in a signal handler that has interrupted
 * malloc. */
static void fork_prepare(void)
{
    if (lock_forks == 0 && !gate_is_alone()) {
        gate_close();
        take_locks();
        holds_locks = true;
    }
    lock_forks++;
}

static void fork_parent(void)
{
    superslab_note_fork();
    if (--lock_forks != 0 || !holds_locks)
        return;
    holds_locks = false;
    release_locks();
    gate_open();
}

/* In the child the forking thread alone is left. The other threads' heaps stay held for ever, and what the child frees
 * into them stays in their pending lists. Locks that were not taken are as the interrupted call has left them, and that
 * call goes on with them. */
static void fork_child(void)
{
    bool held = holds_locks;
    holds_locks = false;
    lock_forks = 0;
    superslab_note_fork();
    process_note_fork();
    if (HAK_PROFILE(security_randomize)) {
        secret_note_fork(os_microseconds());
        held_cache_draws = 0;
    }
    if (held) {
        reset_locks();
        gate_open_in_child();
    }
}

void fork_start(void)
{
    pthread_atfork(fork_prepare, fork_parent, fork_child);
}
