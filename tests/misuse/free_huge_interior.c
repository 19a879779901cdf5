/* SPDX-License-Identifier: MIT */
/* A pointer into the middle of a mapping is freed. */
#include "tests/misuse/misuse.h"

int main(void)
{
    char *block = allocate((size_t)200 << 20);
    release(block + ((size_t)100 << 20));
    return UNNOTICED;
}
