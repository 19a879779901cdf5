/* SPDX-License-Identifier: MIT */
#include "lib/base/os_guard.h"

#include "lib/base/os.h"

#include <errno.h>
#include <sys/mman.h>

static void *map(void *hint, size_t bytes, int protection, int flags)
{
    int saved = errno;
    void *result = mmap(hint, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    errno = saved;
    return result == MAP_FAILED ? NULL : result;
}

static bool is_at(const char *mapping, struct os_place place)
{
    return (((uintptr_t)mapping + place.offset) & (place.alignment - 1)) == 0;
}

/* Cuts what lies at PLACE out of a mapping of BYTES and an alignment more. */
static void *trim(char *mapping, size_t bytes, struct os_place place)
{
    char *start = (char *)(round_up((uintptr_t)mapping + place.offset, place.alignment) - place.offset);
    size_t before = (size_t)(start - mapping);
    if (before != 0)
        os_unmap(mapping, before);
    if (before != place.alignment)
        os_unmap(start + bytes, place.alignment - before);
    return start;
}

void *os_map_at(size_t bytes, struct os_place place, bool closed)
{
    int protection = closed ? PROT_NONE : PROT_READ | PROT_WRITE;
    char *hint = (char *)(((uintptr_t)place.hint & ~(place.alignment - 1)) - (place.hint != NULL ? place.offset : 0));
    char *mapping = map(hint, bytes, protection, 0);
    if (mapping == NULL || is_at(mapping, place))
        return mapping;
    os_unmap(mapping, bytes);
    if (bytes + place.alignment < bytes)
        return NULL;
    mapping = map(NULL, bytes + place.alignment, protection, 0);
    return mapping == NULL ? NULL : trim(mapping, bytes, place);
}

void *os_reserve_closed(size_t bytes)
{
    return map(NULL, bytes, PROT_NONE, MAP_NORESERVE);
}

void *os_map_guarded(size_t bytes)
{
    size_t all = bytes + 2 * os_page_bytes;
    char *addresses = os_reserve_closed(all);
    if (addresses == NULL)
        return os_map_sparse(bytes);
    char *memory = addresses + os_page_bytes;
    if (!os_make_writable(memory, bytes)) {
        os_unmap(addresses, all);
        return os_map_sparse(bytes);
    }
    os_advise_huge(memory, bytes, false); /* where the system's setting is "always" */
    return memory;
}

bool os_close(void *address, size_t bytes)
{
    int saved = errno;
    bool done = mprotect(address, bytes, PROT_NONE) == 0;
    errno = saved;
    return done;
}
