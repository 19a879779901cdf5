/* SPDX-License-Identifier: MIT */
/* A program that sanitizers.tap compiles with a sanitizer: every allocating function, in two threads; or a mistake for
 * the sanitizer to find; or a child that makes one; or another program, COMMAND, that is started.
 *
 * sanitized well|freed|behind|leaked|unset|race|overflow|fork|exec */
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *volatile block;
static volatile int number = INT_MAX;

static void use(void *pointer, size_t size)
{
    if (pointer == NULL || malloc_usable_size(pointer) < size)
        abort();
    memset(pointer, 1, size);
}

static void *allocate(void *nothing)
{
    for (size_t size = 1; size < 1000000; size = size * 2 + 1) {
        void *plain = malloc(size), *cleared = calloc(size, 2), *aligned = NULL;
        use(plain, size);
        use(cleared, 2 * size);
        plain = realloc(plain, 3 * size);
        use(plain, 3 * size);
        if (posix_memalign(&aligned, 256, size) != 0)
            abort();
        use(aligned, size);
        free(plain);
        free(cleared);
        free(realloc(aligned, 2 * size));
        free(aligned_alloc(64, 64 * size));
    }
    malloc_trim(0);
    return nothing;
}

static void *count(void *counter)
{
    for (int i = 0; i < 1000; i++)
        ++*(int *)counter;
    return NULL;
}

/* Runs WORK here and in another thread. */
static void run_twice(void *(*work)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, argument) != 0)
        exit(99);
    work(argument);
    pthread_join(thread, NULL);
}

static void use_freed(void)
{
    block = malloc(100);
    free(block);
    block[10] = 1;
}

static void make(const char *mistake)
{
    if (strcmp(mistake, "freed") == 0) {
        use_freed();
    } else if (strcmp(mistake, "behind") == 0) {
        block = malloc(100);
        block[100] = 1;
        free(block);
    } else if (strcmp(mistake, "leaked") == 0) {
        block = malloc(100);
        block = malloc(100);
        free(block);
        block = NULL;
    } else if (strcmp(mistake, "unset") == 0) {
        block = malloc(100);
        if (block[10] == 'x')
            puts("unset");
        free(block);
    } else if (strcmp(mistake, "race") == 0) {
        int *counter = calloc(1, sizeof *counter);
        run_twice(count, counter);
        free(counter);
    } else if (strcmp(mistake, "overflow") == 0) {
        number = number + 1;
    } else if (strcmp(mistake, "exec") == 0) {
        if (system(getenv("COMMAND")) != 0)
            exit(98);
    } else if (strcmp(mistake, "fork") == 0) {
        pid_t child = fork();
        if (child == 0) {
            use_freed();
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 99;
    run_twice(allocate, NULL);
    make(argv[1]);
    puts("end");
    return 0;
}
