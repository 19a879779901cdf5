/* SPDX-License-Identifier: MIT */
#include "tests/misuse/misuse.h"

#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void *(*volatile allocate)(size_t) = malloc;
void *(*volatile allocate_zeroed)(size_t, size_t) = calloc;
void *(*volatile resize)(void *, size_t) = realloc;
int (*volatile allocate_aligned)(void **, size_t, size_t) = posix_memalign;
void (*volatile release)(void *) = free;
size_t (*volatile usable)(void *) = malloc_usable_size;

/* The exit status of a program that could not commit its misuse. */
#define CANNOT 99

void misused(void)
{
    static const char line[] = "misused\n";
    if (write(STDOUT_FILENO, line, sizeof line - 1) < 0)
        _exit(CANNOT);
}

char *block_of(size_t size)
{
    char *block = allocate(size);
    if (block == NULL)
        _exit(CANNOT);
    return block;
}

char *aligned_block_of(size_t alignment, size_t size)
{
    void *block;
    if (allocate_aligned(&block, alignment, size) != 0)
        _exit(CANNOT);
    return block;
}

void *function_called(const char *name)
{
    void *function = dlsym(RTLD_DEFAULT, name);
    if (function == NULL && dlopen("libstdc++.so.6", RTLD_NOW | RTLD_GLOBAL) != NULL)
        function = dlsym(RTLD_DEFAULT, name);
    return function;
}

void in_thread(void *(*commit)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, commit, argument) != 0 || pthread_join(thread, NULL) != 0)
        _exit(CANNOT);
}

void in_child(void (*commit)(void *), void *argument)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        commit(argument);
        exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        _exit(CANNOT);
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    if (status != 0)
        _exit(CANNOT);
}

#define NEIGHBOURS 64
#define FILLING 0x5a

static char *neighbours[NEIGHBOURS];
static size_t neighbour_bytes;

char *block_among(size_t size)
{
    char *middle = NULL;
    neighbour_bytes = size;
    for (size_t i = 0; i < NEIGHBOURS; i++) {
        if (i == NEIGHBOURS / 2)
            middle = block_of(size);
        neighbours[i] = block_of(size);
        memset(neighbours[i], FILLING, size);
    }
    memset(middle, FILLING, size);
    return middle;
}

static bool is_filled(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != FILLING)
            return false;
    return true;
}

bool neighbours_are_intact(void)
{
    bool intact = true;
    for (size_t i = 0; i < NEIGHBOURS; i++) {
        intact = intact && is_filled(neighbours[i], neighbour_bytes);
        release(neighbours[i]);
    }
    return intact;
}

/* So many blocks, or as many as fit into MOST_BYTES. */
#define MOST_BLOCKS 20000
#define MOST_BYTES (64 * MIB)
#define LEAST_BLOCKS 4
static void *blocks[MOST_BLOCKS];

static size_t blocks_to_live_on(size_t size)
{
    size_t count = MOST_BYTES / size;
    return count > MOST_BLOCKS ? MOST_BLOCKS : count < LEAST_BLOCKS ? LEAST_BLOCKS : count;
}

static bool each_has_its_own_memory(size_t count)
{
    bool good = true;
    for (size_t i = 0; i < count; i++)
        memcpy(blocks[i], &i, sizeof i);
    for (size_t i = 0; i < count; i++)
        good = good && memcmp(blocks[i], &i, sizeof i) == 0;
    return good;
}

void fill_foreign(void *foreign, size_t bytes)
{
    memset(foreign, FILLING, bytes);
}

enum outcome live_on(size_t size, const void *foreign, size_t foreign_bytes)
{
    bool good = true;
    size_t count = blocks_to_live_on(size);
    for (size_t i = 0; i < count; i++)
        blocks[i] = block_of(size);
    good = each_has_its_own_memory(count);
    if (foreign != NULL)
        good = good && is_filled(foreign, foreign_bytes);
    for (size_t i = 0; i < count; i++)
        release(blocks[i]);
    return silent_if(!good);
}

void churn(size_t size)
{
    size_t count = blocks_to_live_on(size);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < count; i++)
            blocks[i] = block_of(size);
        for (size_t i = 0; i < count; i++)
            release(blocks[i]);
    }
}
