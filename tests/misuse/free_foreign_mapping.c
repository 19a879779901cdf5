/* SPDX-License-Identifier: MIT */
/* A mapping that the program made for itself is freed. */
#include "tests/misuse/misuse.h"

#include <sys/mman.h>

int main(void)
{
    void *mapping = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED)
        return 99;
    release(allocate(64));
    release(mapping);
    return UNNOTICED;
}
