/* SPDX-License-Identifier: MIT */
/* A local variable is given to realloc. */
#include "tests/misuse/misuse.h"

int main(void)
{
    _Alignas(16) char local[64];
    memset(local, 1, sizeof local);
    void *moved = resize(local, 1000);
    return moved ? UNNOTICED : 1;
}
