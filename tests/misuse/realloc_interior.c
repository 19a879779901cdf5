/* SPDX-License-Identifier: MIT */
/* A pointer into the middle of a small block is given to realloc. */
#include "tests/misuse/misuse.h"

int main(void)
{
    char *block = allocate(160);
    void *moved = resize(block + 16, 4000);
    churn(160);
    return moved ? UNNOTICED : 1;
}
