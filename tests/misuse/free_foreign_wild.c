/* SPDX-License-Identifier: MIT */
/* A number that is no address at all (beyond what the processor can address) is freed, by a program that has allocated
 * nothing. */
#include "tests/misuse/misuse.h"

int main(void)
{
    release((void *)(uintptr_t)0x7a5a5a5a5a5a5a50);
    return UNNOTICED;
}
