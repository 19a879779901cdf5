/* SPDX-License-Identifier: MIT */
/* A block is freed by two threads that do not own it; the owner finds the bit set. */
#include "tests/misuse/misuse.h"

#include <pthread.h>

static void *blocks[MANY];

static void *free_all(void *unused)
{
    for (size_t i = 0; i < MANY; i++)
        release(blocks[i]);
    return unused;
}

int main(void)
{
    for (size_t i = 0; i < MANY; i++)
        blocks[i] = allocate(48);
    for (size_t round = 0; round < 2; round++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, free_all, NULL) != 0 || pthread_join(thread, NULL) != 0)
            return 99;
    }
    churn(48);
    return UNNOTICED;
}
