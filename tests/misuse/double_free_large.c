/* SPDX-License-Identifier: MIT */
/* A block of 1 MiB is freed twice. */
#include "tests/misuse/misuse.h"

int main(void)
{
    void *block = allocate(1 << 20);
    release(block);
    release(block);
    return UNNOTICED;
}
