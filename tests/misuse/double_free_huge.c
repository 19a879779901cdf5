/* SPDX-License-Identifier: MIT */
/* A block with a mapping of its own is freed twice. */
#include "tests/misuse/misuse.h"

int main(void)
{
    void *block = allocate((size_t)200 << 20);
    release(block);
    release(block);
    return UNNOTICED;
}
