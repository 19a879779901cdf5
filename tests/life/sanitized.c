/* SPDX-License-Identifier: MIT */
/* A program that sanitizers.tap compiles with a sanitizer: every allocating function, in two threads; or a mistake with
 * a block, for the sanitizer to find.
 *
 * sanitized well|freed */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void use(void *block, size_t size)
{
    if (block == NULL || malloc_usable_size(block) < size)
        abort();
    memset(block, 1, size);
}

static void *allocate(void *nothing)
{
    for (size_t size = 1; size < 1000000; size = size * 2 + 1) {
        void *block = malloc(size), *cleared = calloc(size, 2), *aligned = NULL;
        use(block, size);
        use(cleared, 2 * size);
        block = realloc(block, 3 * size);
        use(block, 3 * size);
        if (posix_memalign(&aligned, 256, size) != 0)
            abort();
        use(aligned, size);
        free(block);
        free(cleared);
        free(realloc(aligned, 2 * size));
        free(aligned_alloc(64, 64 * size));
    }
    malloc_trim(0);
    return nothing;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    if (argc != 2 || pthread_create(&thread, NULL, allocate, NULL) != 0)
        return 99;
    allocate(NULL);
    pthread_join(thread, NULL);
    if (strcmp(argv[1], "freed") == 0) {
        char *volatile block = malloc(100);
        free(block);
        block[10] = 1;
    }
    puts("end");
    return 0;
}
