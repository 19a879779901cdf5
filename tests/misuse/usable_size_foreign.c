/* SPDX-License-Identifier: MIT */
/* A local variable is given to malloc_usable_size. */
#include "tests/misuse/misuse.h"

int main(void)
{
    _Alignas(16) char local[64];
    memset(local, 1, sizeof local);
    release(allocate(64));
    return usable(local) == 12345 ? 1 : UNNOTICED;
}
