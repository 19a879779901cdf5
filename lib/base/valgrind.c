/* SPDX-License-Identifier: MIT */
#include "lib/base/valgrind.h"

#ifdef HAK_VALGRIND

#include <link.h>
#include <string.h>
#include <valgrind/memcheck.h>
#include <valgrind/valgrind.h>

bool valgrind_runs(void)
{
    return RUNNING_ON_VALGRIND != 0;
}

/* Valgrind loads vgpreload_TOOL-PLATFORM.so into the process for those tools that replace malloc, beside vgpreload_core
 * for all of them. */
static int is_preload_of_tool(struct dl_phdr_info *object, size_t size, void *nothing)
{
    const char *name = object->dlpi_name != NULL ? strstr(object->dlpi_name, "/vgpreload_") : NULL;
    (void)size, (void)nothing;
    return name != NULL && strncmp(name, "/vgpreload_core", strlen("/vgpreload_core")) != 0;
}

/* Memcheck answers one request with -1, and all other tools that there are with 0. Of these each that takes note of
 * blocks gives an answer to that request, the others leave UNANSWERED. */
static bool listens(void)
{
    enum { UNANSWERED = 77, SIZE = 8 };
    static char block[SIZE];
    if (VALGRIND_MAKE_MEM_DEFINED(block, sizeof block) != 0)
        return true;
    bool noted = VALGRIND_DO_CLIENT_REQUEST_EXPR(UNANSWERED, VG_USERREQ__MALLOCLIKE_BLOCK, block, sizeof block, 0, 0,
                                                 0) != UNANSWERED;
    if (noted)
        valgrind_note_free(block, 0);
    return noted;
}

/* A malloc_usable_size of the tool's knows no block of ours. Without a name of our own it is the C library's that is
 * replaced, as always. */
enum valgrind_way valgrind_find(size_t (*own_usable_size)(void *), void *own_block)
{
    if (dl_iterate_phdr(is_preload_of_tool, NULL) != 0 && (own_usable_size == NULL || own_usable_size(own_block) == 0))
        return VALGRIND_REPLACES;
    return listens() ? VALGRIND_LISTENS : VALGRIND_ABSENT;
}

void valgrind_note_block(void *block, size_t bytes, size_t red_zone)
{
    VALGRIND_MALLOCLIKE_BLOCK(block, bytes, red_zone, false);
}

void valgrind_note_free(void *block, size_t red_zone)
{
    VALGRIND_FREELIKE_BLOCK(block, red_zone);
}

void valgrind_forbid(void *address, size_t bytes)
{
    VALGRIND_MAKE_MEM_NOACCESS(address, bytes);
}

void valgrind_allow(void *address, size_t bytes)
{
    VALGRIND_MAKE_MEM_DEFINED(address, bytes);
}

#else

bool valgrind_runs(void)
{
    return false;
}

enum valgrind_way valgrind_find(size_t (*own_usable_size)(void *), void *own_block)
{
    (void)own_usable_size, (void)own_block;
    return VALGRIND_ABSENT;
}

void valgrind_note_block(void *block, size_t bytes, size_t red_zone)
{
    (void)block, (void)bytes, (void)red_zone;
}

void valgrind_note_free(void *block, size_t red_zone)
{
    (void)block, (void)red_zone;
}

void valgrind_forbid(void *address, size_t bytes)
{
    (void)address, (void)bytes;
}

void valgrind_allow(void *address, size_t bytes)
{
    (void)address, (void)bytes;
}

#endif
