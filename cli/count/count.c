/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libhakmem-count.so: stands before whatever malloc a program has, and counts its calls; see count.h.
 *
 * Any thread may call anything, also before the library's constructor has run. It allocates nothing itself. */
#include "cli/count/count.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

void *memalign(size_t alignment, size_t size);

/* The functions that come next. Written by any thread that finds them not set, all with the same values: relaxed. */
static _Atomic(void *) next_malloc, next_calloc, next_realloc, next_free, next_memalign, next_usable;

/* Counts that come before the file is mapped are not missed: they are the loader's. */
static struct count_page nowhere;
static _Atomic(struct count_page *) page = &nowhere;

/* Of this process: bytes that it holds, and the most that it has held. Signed, as a block may come by a way that is not
 * counted. */
static _Atomic int64_t live, most_live;

/* dlsym may ask for memory in some C libraries: it gets some of this, which is never freed. */
static _Alignas(16) char lookup_memory[4096];
static _Atomic size_t lookup_used;
static __thread bool is_looking_up __attribute__((tls_model("initial-exec")));

/* --- the next one's functions ------------------------------------------------------------------------------------- */

static void *find_next(_Atomic(void *) *slot, const char *name)
{
    void *function = atomic_load_explicit(slot, memory_order_relaxed);
    if (function || is_looking_up)
        return function;
    is_looking_up = true;
    function = dlsym(RTLD_NEXT, name);
    is_looking_up = false;
    atomic_store_explicit(slot, function, memory_order_relaxed);
    return function;
}

/* The function of SLOT as one of TYPE. */
#define NEXT(type, slot, name) ((type)(uintptr_t)find_next(slot, name))

static void *lookup_block(size_t size)
{
    size_t length = (size + 15) / 16 * 16;
    size_t at = atomic_fetch_add_explicit(&lookup_used, length, memory_order_relaxed);
    return length >= size && at < sizeof lookup_memory && length <= sizeof lookup_memory - at ? lookup_memory + at
                                                                                              : NULL;
}

static bool is_lookup_block(const void *pointer)
{
    uintptr_t at = (uintptr_t)pointer, start = (uintptr_t)lookup_memory;
    return at >= start && at < start + sizeof lookup_memory;
}

static size_t usable(void *pointer)
{
    size_t (*next)(void *) = NEXT(size_t(*)(void *), &next_usable, "malloc_usable_size");
    return pointer && next ? next(pointer) : 0;
}

/* --- counting ----------------------------------------------------------------------------------------------------- */

static struct count_shard *own_shard(struct count_page *of)
{
    uintptr_t thread = (uintptr_t)&is_looking_up >> 6;
    return &of->shard[thread * UINT32_C(2654435769) / 65536 % COUNT_SHARDS];
}

/* A rise of the process's most is added to the page's sum by the thread whose exchange makes it. */
static void raise_most(struct count_page *to, int64_t value)
{
    int64_t most = atomic_load_explicit(&most_live, memory_order_relaxed);
    while (value > most)
        if (atomic_compare_exchange_weak_explicit(&most_live, &most, value, memory_order_relaxed,
                                                  memory_order_relaxed)) {
            atomic_fetch_add_explicit(&to->heap, (uint64_t)(value - most), memory_order_relaxed);
            return;
        }
}

/* A call that brought the process MORE bytes and took LESS from it. */
static void count(size_t more, size_t less)
{
    struct count_page *to = atomic_load_explicit(&page, memory_order_acquire); /* pairs with open_page's release */
    struct count_shard *shard = own_shard(to);
    int64_t change = (int64_t)more - (int64_t)less;
    atomic_fetch_add_explicit(&shard->calls, 1, memory_order_relaxed);
    if (change > 0)
        atomic_fetch_add_explicit(&shard->bytes, (uint64_t)change, memory_order_relaxed);
    int64_t now = atomic_fetch_add_explicit(&live, change, memory_order_relaxed) + change;
    if (change > 0)
        raise_most(to, now);
}

static void *counted(void *pointer)
{
    count(usable(pointer), 0);
    return pointer;
}

__attribute__((constructor)) static void open_page(void)
{
    const char *path = getenv(COUNT_ENV);
    int error = errno, fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapping = fd >= 0 ? mmap(NULL, sizeof nowhere, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (fd >= 0)
        close(fd);
    errno = error;
    if (mapping == MAP_FAILED)
        return;
    struct count_page *to = mapping;
    atomic_fetch_add_explicit(&to->processes, 1, memory_order_relaxed);
    atomic_store_explicit(&page, to, memory_order_release); /* pairs with count's acquire */
}

/* --- malloc and its kin ------------------------------------------------------------------------------------------- */

EXPORTED void *malloc(size_t size)
{
    void *(*next)(size_t) = NEXT(void *(*)(size_t), &next_malloc, "malloc");
    return next ? counted(next(size)) : lookup_block(size);
}

EXPORTED void *calloc(size_t number, size_t size)
{
    void *(*next)(size_t, size_t) = NEXT(void *(*)(size_t, size_t), &next_calloc, "calloc");
    if (next)
        return counted(next(number, size));
    return size && number > sizeof lookup_memory / size ? NULL : lookup_block(number * size); /* zero from the start */
}

EXPORTED void free(void *pointer)
{
    void (*next)(void *) = NEXT(void (*)(void *), &next_free, "free");
    if (!pointer || !next || is_lookup_block(pointer))
        return;
    count(0, usable(pointer));
    next(pointer);
}

/* A block of the loader's moves to the heap, with more than it may have held. */
static void *move_lookup_block(void *pointer, size_t size)
{
    size_t length = (size_t)(lookup_memory + sizeof lookup_memory - (char *)pointer);
    void *copy = malloc(size);
    return copy ? memcpy(copy, pointer, size < length ? size : length) : NULL;
}

EXPORTED void *realloc(void *pointer, size_t size)
{
    void *(*next)(void *, size_t) = NEXT(void *(*)(void *, size_t), &next_realloc, "realloc");
    if (!next)
        return NULL;
    if (pointer && is_lookup_block(pointer))
        return move_lookup_block(pointer, size);
    size_t before = usable(pointer);
    void *moved = next(pointer, size);
    if (moved || size == 0)
        count(usable(moved), before);
    return moved;
}

EXPORTED void *reallocarray(void *pointer, size_t number, size_t size)
{
    size_t bytes;
    if (!__builtin_mul_overflow(number, size, &bytes))
        return realloc(pointer, bytes);
    errno = ENOMEM;
    return NULL;
}

EXPORTED void *memalign(size_t alignment, size_t size)
{
    void *(*next)(size_t, size_t) = NEXT(void *(*)(size_t, size_t), &next_memalign, "aligned_alloc");
    return next ? counted(next(alignment, size)) : NULL;
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

EXPORTED int posix_memalign(void **result, size_t alignment, size_t size)
{
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    int error = errno;
    void *block = memalign(alignment, size);
    errno = error;
    if (!block)
        return ENOMEM;
    *result = block;
    return 0;
}
