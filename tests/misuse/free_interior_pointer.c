/* SPDX-License-Identifier: MIT */
/* A pointer into the middle of a small block is freed; the next drain sees that no block starts there. */
#include "tests/misuse/misuse.h"

int main(void)
{
    churn(160);
    char *block = allocate(160);
    release(block + 16);
    churn(160);
    return UNNOTICED;
}
