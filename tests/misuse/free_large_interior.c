/* SPDX-License-Identifier: MIT */
/* A pointer into the middle of a large block is freed, on a page boundary. */
#include "tests/misuse/misuse.h"

int main(void)
{
    char *block = allocate(1 << 20);
    release(block + (64 << 10));
    return UNNOTICED;
}
