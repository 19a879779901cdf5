/* SPDX-License-Identifier: MIT */
/* A plug-in: allocates what its host frees and the other way round. */
#include <stdlib.h>
#include <string.h>

void *plugin_make(size_t size);
void plugin_take(void *block);

static void *kept;

/* Loading a plug-in allocates in its constructor, unloading frees in its destructor. */
__attribute__((constructor)) static void load(void)
{
    kept = calloc(1, 3000);
}

__attribute__((destructor)) static void unload(void)
{
    free(kept);
}

void *plugin_make(size_t size)
{
    void *block = malloc(size);
    if (block)
        memset(block, 0x42, size);
    return block;
}

void plugin_take(void *block)
{
    free(block);
}
