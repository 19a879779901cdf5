/* SPDX-License-Identifier: MIT */
/* Waves of memory in blocks that glibc maps one by one: what is given back at once is paid for with page faults, so
 * that settings which keep it make the program several times faster. */
#include <stdlib.h>
#include <string.h>

#define WAVES 3
#define BLOCKS 100
#define BLOCK_BYTES 130000

int main(void)
{
    static char *blocks[BLOCKS];
    for (int wave = 0; wave < WAVES; wave++) {
        for (int i = 0; i < BLOCKS; i++) {
            blocks[i] = malloc(BLOCK_BYTES);
            if (!blocks[i])
                return 1;
            memset(blocks[i], wave, BLOCK_BYTES);
        }
        for (int i = 0; i < BLOCKS; i++)
            free(blocks[i]);
    }
    return 0;
}
