/* SPDX-License-Identifier: MIT */
/* A small block is freed twice. The thread cache takes it both times; the slab's bitmap shows it when the cache is
 * drained. */
#include "tests/misuse/misuse.h"

int main(void)
{
    churn(48);
    void *block = allocate(48);
    release(block);
    release(block);
    churn(48);
    return UNNOTICED;
}
