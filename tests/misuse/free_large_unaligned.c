/* SPDX-License-Identifier: MIT */
/* A pointer just behind the start of a large block is freed. */
#include "tests/misuse/misuse.h"

int main(void)
{
    char *block = allocate(1 << 20);
    release(block + 16);
    return UNNOTICED;
}
