/* SPDX-License-Identifier: MIT */
/* One misuse, by name. A case "at the call" ends the process at once, without an exit, after it: nothing but the call
 * itself can have noticed. Where the program goes on (HAKMEM_ABORT=0) the heap has to be whole: blocks that are
 * allocated then are written to and read again.
 *
 * With HAK_CASE_ENDS no case gets an exit.
 *
 * Usage: cases NAME. Exit status: 0 where the misuse was not noticed, or the program went on. */
#include "tests/harden/cases.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *(*volatile allocate)(size_t) = malloc;
void *(*volatile allocate_aligned)(size_t, size_t) = aligned_alloc;
void (*volatile release)(void *) = free;
void *(*volatile resize)(void *, size_t) = realloc;
size_t (*volatile usable)(void *) = malloc_usable_size;

void use_heap(size_t size)
{
    char *block[MANY];
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < MANY; i++) {
            block[i] = allocate(size);
            memset(block[i], (int)(i % 251), size);
            memcpy(block[i], &i, sizeof i);
        }
        for (size_t i = 0; i < MANY; i++) {
            size_t found;
            memcpy(&found, block[i], sizeof found);
            if (found != i || block[i][size - 1] != (char)(i % 251)) {
                fprintf(stderr, "block %zu of %zu bytes holds %zu\n", i, size, found);
                _exit(3);
            }
        }
        for (size_t i = 0; i < MANY; i++)
            release(block[i]);
    }
}

void in_thread(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, argument) != 0 || pthread_join(thread, NULL) != 0)
        _exit(4);
}

void *free_once(void *block)
{
    release(block);
    return NULL;
}

/* NULL where there is none. */
static const struct misuse_case *find(const char *name)
{
    const struct misuse_case *const tables[] = {at_call, at_reuse, at_end, unnoticed};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct misuse_case *one = tables[i]; one->name != NULL; one++)
            if (strcmp(one->name, name) == 0)
                return one;
    return NULL;
}

int main(int count, char **argument)
{
    const struct misuse_case *one = count == 2 ? find(argument[1]) : NULL;
    if (one == NULL) {
        fprintf(stderr, "usage: cases NAME\n");
        return 2;
    }
    one->body();
    if (getenv("HAK_CASE_ENDS") != NULL || (one->size != 0 && getenv("HAKMEM_ABORT") == NULL))
        _exit(0);
    if (one->size != 0)
        use_heap(one->size);
    return 0;
}
