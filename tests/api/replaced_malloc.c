/* SPDX-License-Identifier: MIT */
/* A program with an allocator of its own, which replaces the functions that the C library's manual names: all other
 * functions that allocate or free must go by way of these. */
#include "tests/harness/tap.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>

/* Not in every C library's headers. */
void cfree(void *pointer);
void *pvalloc(size_t size);

/* Blocks are cut off an arena one by one, each behind its length, and never come back. */
static _Alignas(65536) char arena[1 << 22];
static size_t used;
static int freed;

static int is_mine(const void *pointer)
{
    return (uintptr_t)pointer - (uintptr_t)arena < sizeof arena;
}

void *memalign(size_t alignment, size_t size)
{
    size_t start = (used + 16 + alignment - 1) & ~(alignment - 1);
    if (size > sizeof arena || start > sizeof arena - size) {
        errno = ENOMEM;
        return NULL;
    }
    used = (start + size + 15) & ~(size_t)15;
    memcpy(arena + start - sizeof size, &size, sizeof size);
    return arena + start;
}

size_t malloc_usable_size(void *pointer)
{
    size_t size;
    memcpy(&size, (char *)pointer - sizeof size, sizeof size);
    return size;
}

void *malloc(size_t size)
{
    return memalign(16, size);
}

void free(void *pointer)
{
    if (pointer != NULL && !is_mine(pointer))
        abort();
    freed += pointer != NULL;
}

void *calloc(size_t count, size_t size)
{
    return malloc(count * size); /* the arena is zero */
}

void *realloc(void *pointer, size_t size)
{
    void *block = malloc(size);
    if (pointer != NULL && block != NULL) {
        size_t old = malloc_usable_size(pointer);
        memcpy(block, pointer, old < size ? old : size);
        free(pointer);
    }
    return block;
}

int posix_memalign(void **result, size_t alignment, size_t size)
{
    *result = memalign(alignment, size);
    return *result != NULL ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

void *valloc(size_t size)
{
    return memalign(4096, size);
}

void *pvalloc(size_t size)
{
    return memalign(4096, (size + 4095) & ~(size_t)4095);
}

static void test_reallocarray(void)
{
    char *text = malloc(5);
    memcpy(text, "text", 5);
    text = reallocarray(text, 20, 30);
    tap_ok(is_mine(text) && strcmp(text, "text") == 0, "reallocarray goes by way of the program's realloc");
    char *block = reallocarray(NULL, 20, 30);
    tap_ok(is_mine(block), "also for a new block");
    errno = 0;
    volatile size_t many = SIZE_MAX / 2;
    tap_ok(reallocarray(block, many, 3) == NULL && errno == ENOMEM, "it refuses a product that overflows");
    free(text);
}

/* By name, since many C libraries do not have them. */
static void test_other_frees(void)
{
    void *cfree_found = dlsym(RTLD_DEFAULT, "cfree"), *sized_found = dlsym(RTLD_DEFAULT, "free_sized"),
         *aligned_found = dlsym(RTLD_DEFAULT, "free_aligned_sized");
    void (*call_cfree)(void *), (*call_sized)(void *, size_t), (*call_aligned)(void *, size_t, size_t);
    memcpy(&call_cfree, &cfree_found, sizeof call_cfree);
    memcpy(&call_sized, &sized_found, sizeof call_sized);
    memcpy(&call_aligned, &aligned_found, sizeof call_aligned);
    if (sized_found == NULL || aligned_found == NULL || cfree_found == NULL) {
        tap_skip("cfree, free_sized, free_aligned_sized: this C library has none");
        return;
    }
    freed = 0;
    call_cfree(malloc(10));
    call_sized(malloc(10), 10);
    call_aligned(memalign(64, 10), 64, 10);
    tap_ok(freed == 3, "cfree, free_sized and free_aligned_sized call the program's free: %d of 3", freed);
}

static void test_library(void)
{
    char *text = strdup("text");
    tap_ok(is_mine(text), "the C library's own blocks are the program's");
    free(text);
}

int main(void)
{
    test_reallocarray();
    test_other_frees();
    test_library();
    return tap_done();
}
