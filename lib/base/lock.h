/* SPDX-License-Identifier: MIT */
/* The lock of the slow paths: shared heap, registry of heaps, shared pool, large mappings. A plain mutex of the C
 * library, which allocates nothing; its own type so that fork can be told of every lock there is. */
#ifndef HAK_BASE_LOCK_H
#define HAK_BASE_LOCK_H

#include "lib/base/compiler.h"

#include <pthread.h>

/* So many forks of this thread are under way, one in a handler of the other. It holds every lock then, or is alone, so
 * it passes them: others' handlers for fork, which run meanwhile, may allocate. */
extern HIDDEN _Thread_local unsigned lock_forks __attribute__((tls_model("initial-exec")));

struct lock {
    pthread_mutex_t mutex;
};

#define LOCK_INITIALIZER          \
    {                             \
        PTHREAD_MUTEX_INITIALIZER \
    }

static inline void lock_take(struct lock *lock)
{
    if (LIKELY(lock_forks == 0))
        pthread_mutex_lock(&lock->mutex);
}

static inline void lock_release(struct lock *lock)
{
    if (LIKELY(lock_forks == 0))
        pthread_mutex_unlock(&lock->mutex);
}

/* In the child of a fork: nobody else exists, whoever held the lock. */
static inline void lock_reset(struct lock *lock)
{
    pthread_mutex_init(&lock->mutex, NULL);
}

#endif
