/* SPDX-License-Identifier: MIT */
/* Another thread frees a pointer into the middle of a block of the shared heap. */
#include "tests/misuse/misuse.h"

#include <pthread.h>

static void *free_inside(void *block)
{
    release((char *)block + 32);
    churn(192);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, free_inside, allocate(192)) != 0 || pthread_join(thread, NULL) != 0)
        return 99;
    churn(192);
    return UNNOTICED;
}
