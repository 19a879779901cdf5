/* SPDX-License-Identifier: MIT */
/* A small block is freed again long after the slab has taken it back. */
#include "tests/misuse/misuse.h"

int main(void)
{
    static void *neighbours[MANY];
    for (size_t i = 0; i < MANY; i++)
        neighbours[i] = allocate(48);
    void *block = neighbours[MANY / 2];
    for (size_t i = 0; i < MANY; i++)
        if (i % 64 < 48) /* some of each slab stay, so that the slab does */
            release(neighbours[i]);
    if (MANY / 2 % 64 >= 48)
        release(block);
    release(block);
    for (size_t i = 0; i < MANY; i++)
        if (i % 64 >= 48)
            release(neighbours[i]);
    churn(48);
    return UNNOTICED;
}
