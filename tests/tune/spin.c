/* SPDX-License-Identifier: MIT */
/* spin MILLISECONDS [BLOCKS]: works for so long, after it has allocated so many blocks. Linked statically as well. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) / 1000 : 0;
    long blocks = argc > 2 ? atol(argv[2]) : 0;
    for (long i = 0; i < blocks; i++) {
        char *block = malloc(100);
        if (!block)
            return 1;
        memset(block, 1, 100);
    }
    while ((double)clock() / CLOCKS_PER_SEC < seconds)
        continue;
    return 0;
}
