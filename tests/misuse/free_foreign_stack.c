/* SPDX-License-Identifier: MIT */
/* A local variable is freed. */
#include "tests/misuse/misuse.h"

int main(void)
{
    _Alignas(16) char local[64];
    memset(local, 1, sizeof local);
    release(allocate(64));
    release(local);
    return UNNOTICED;
}
