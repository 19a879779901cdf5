/* SPDX-License-Identifier: MIT */
/* A static variable is freed. */
#include "tests/misuse/misuse.h"

static _Alignas(64) char variable[4096];

int main(void)
{
    release(allocate(64));
    release(variable);
    return UNNOTICED;
}
