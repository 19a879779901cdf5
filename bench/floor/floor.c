/* SPDX-License-Identifier: MIT */
/* The least that an allocator can do, as a yardstick for the harness: all blocks up to BLOCK bytes are equal and lie on
 * one stack. No size classes, no limits, one thread only, nothing goes back. Whatever is measured with it is the
 * harness itself. Not for use by programs. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define EXPORTED __attribute__((visibility("default")))

#define BLOCK 1040u            /* the largest of the ws workloads (1039), rounded up to 16 */
#define HEAP ((size_t)1 << 34) /* address space; only what is used is touched */

void *malloc(size_t size);
void free(void *pointer);
void *calloc(size_t count, size_t size);
void *realloc(void *pointer, size_t size);
void *aligned_alloc(size_t alignment, size_t size);
int posix_memalign(void **result, size_t alignment, size_t size);

static void *stack_of_free[1 << 22];
static void **top = stack_of_free + 1; /* the bottom holds NULL */
static char *next_fresh, *end_of_heap;

static __attribute__((noinline)) void *take_fresh(size_t size)
{
    if (!next_fresh) {
        next_fresh = mmap(NULL, HEAP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (next_fresh == MAP_FAILED)
            __builtin_trap();
        end_of_heap = next_fresh + HEAP;
    }
    size_t rounded = size <= BLOCK ? BLOCK : (size + 15) & ~(size_t)15;
    if (rounded > (size_t)(end_of_heap - next_fresh)) {
        errno = ENOMEM;
        return NULL;
    }
    void *block = next_fresh;
    next_fresh += rounded;
    return block;
}

EXPORTED void *malloc(size_t size)
{
    void *block = top[-1];
    if (__builtin_expect(size > BLOCK || !block, 0))
        return take_fresh(size);
    top--;
    return block;
}

EXPORTED void free(void *pointer)
{
    if (pointer)
        *top++ = pointer;
}

EXPORTED void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    void *block = malloc(bytes);
    return block ? memset(block, 0, bytes) : NULL;
}

/* The old size is not known: copy what may be there, which the heap always holds, because it grows upwards. */
EXPORTED void *realloc(void *pointer, size_t size)
{
    void *block = malloc(size);
    if (block && pointer)
        memmove(block, pointer, size);
    return block;
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size)
{
    char *block = take_fresh(size + alignment);
    return block ? block + (-(uintptr_t)block & (alignment - 1)) : NULL;
}

EXPORTED int posix_memalign(void **result, size_t alignment, size_t size)
{
    void *block = aligned_alloc(alignment, size);
    if (!block)
        return ENOMEM;
    *result = block;
    return 0;
}
