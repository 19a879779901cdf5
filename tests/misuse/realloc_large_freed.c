/* SPDX-License-Identifier: MIT */
/* A large block that was freed is given to realloc. */
#include "tests/misuse/misuse.h"

int main(void)
{
    void *block = allocate(1 << 20);
    release(block);
    void *moved = resize(block, 2 << 20);
    return moved ? UNNOTICED : 1;
}
