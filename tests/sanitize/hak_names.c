/* SPDX-License-Identifier: MIT */
#include "tests/sanitize/hak_names.h"

#undef dlsym
#include <string.h>

/* A pointer to any of them. */
typedef void (*function)(void);

#define PREFIX "hak_"

#define ROW(name)                          \
    {                                      \
        PREFIX #name, (function)hak_##name \
    }

static const struct {
    const char *name;
    function function;
} functions[] = {
    ROW(malloc),
    ROW(free),
    ROW(calloc),
    ROW(realloc),
    ROW(reallocarray),
    ROW(posix_memalign),
    ROW(aligned_alloc),
    ROW(memalign),
    ROW(valloc),
    ROW(pvalloc),
    ROW(malloc_usable_size),
    ROW(free_sized),
    ROW(free_aligned_sized),
    ROW(mallinfo2),
    ROW(malloc_trim),
    ROW(malloc_stats),
    ROW(malloc_info),
    ROW(mallopt),
    ROW(stats_get),
    ROW(profile_value),
    ROW(heap_profile_start),
    ROW(heap_profile_stop),
    ROW(heap_profile_dump),
};

void *hak_named(void *handle, const char *name)
{
    void *found = NULL;
    for (size_t i = 0; found == NULL && handle == RTLD_DEFAULT && i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, name) == 0 || strcmp(functions[i].name + strlen(PREFIX), name) == 0)
            memcpy(&found, &functions[i].function, sizeof found);
    return found != NULL ? found : dlsym(handle, name);
}
