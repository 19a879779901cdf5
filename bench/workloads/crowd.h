/* SPDX-License-Identifier: MIT */
/* Threads that work and then wait until the process ends, each started when the one before waits. */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

struct crowd {
    sem_t waits; /* raised by each thread as it begins to wait */
    sem_t never; /* nobody raises it */
};

void crowd_prepare(struct crowd *);

/* Starts COUNT threads, in the main thread: each runs WORK with its element of ARGUMENTS, which are BYTES long.
 * ATTRIBUTES may be NULL. Ends the program where one cannot be started. */
void crowd_start(struct crowd *, size_t count, const pthread_attr_t *attributes, void *(*work)(void *), void *arguments,
                 size_t bytes);

/* The end of WORK. */
_Noreturn void crowd_wait(struct crowd *);

#endif
