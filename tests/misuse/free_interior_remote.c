/* SPDX-License-Identifier: MIT */
/* Another thread frees a pointer into the middle of a short block, which is another heap's. */
#include "tests/misuse/misuse.h"

#include <pthread.h>

static void *free_inside(void *block)
{
    release((char *)block + 16);
    churn(48);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, free_inside, allocate(48)) != 0 || pthread_join(thread, NULL) != 0)
        return 99;
    churn(48);
    return UNNOTICED;
}
