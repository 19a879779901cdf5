/* SPDX-License-Identifier: MIT */
/* See crowd.h. */
#include "config.h"

#include "bench/workloads/crowd.h"

#include "bench/support.h"

#include <string.h>

/* A signal may interrupt it. */
static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

void crowd_prepare(struct crowd *crowd)
{
    sem_init(&crowd->waits, 0, 0);
    sem_init(&crowd->never, 0, 0);
}

void crowd_start(struct crowd *crowd, size_t count, const pthread_attr_t *attributes, void *(*work)(void *),
                 void *arguments, size_t bytes)
{
    for (size_t number = 0; number < count; number++) {
        pthread_t thread;
        int error = pthread_create(&thread, attributes, work, (char *)arguments + number * bytes);
        if (error)
            bench_die(BENCH_EXIT_FAILED,
                      "cannot start thread %zu of %zu: %s (see ulimit -u, the control group's pids.max and "
                      "vm.max_map_count); nothing was measured",
                      number + 1, count, strerror(error));
        pthread_detach(thread);
        wait_for(&crowd->waits);
    }
}

void crowd_wait(struct crowd *crowd)
{
    sem_post(&crowd->waits);
    for (;;)
        wait_for(&crowd->never);
}
