/* SPDX-License-Identifier: MIT */
/* Mistakes with blocks, each in a function of its own, for valgrind's tools to find; or every allocating function, in
 * two threads and a forked child, without one. By the names of hak_ functions where HAK_NAMES is defined.
 *
 * mistakes make|allocate */
#include <hakmem/hakmem.h>

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __clang__
#pragma GCC diagnostic ignored "-Wuse-after-free" /* the mistakes are the point */
#endif

#ifdef HAK_NAMES
#define NAME(function) hak_##function
#else
#define NAME(function) function
#endif

/* Kept from the optimiser, which knows malloc's promises. */
static char *volatile block;
static volatile size_t size = 123;
#define MISTAKE __attribute__((noinline)) static void

struct node {
    struct node *next;
};

__attribute__((noinline)) static char *make_block(void)
{
    return NAME(malloc)(size);
}

MISTAKE leak(void)
{
    block = make_block();
    block = NULL;
}

MISTAKE leak_list(void)
{
    struct node *last = NULL;
    for (int i = 0; i < 3; i++) {
        struct node *node = NAME(malloc)(sizeof *node);
        node->next = last;
        last = node;
    }
    block = (char *)last;
    block = NULL;
}

MISTAKE write_behind(void)
{
    block = make_block();
    block[size] = 1;
    NAME(free)(block);
}

MISTAKE write_before(void)
{
    block = make_block();
    block[-1] = 1;
    NAME(free)(block);
}

MISTAKE read_undefined(void)
{
    block = make_block();
    if (block[5] == 'x')
        puts("undefined");
    NAME(free)(block);
}

MISTAKE read_freed(void)
{
    block = make_block();
    NAME(free)(block);
    if (block[7] == 'x')
        puts("freed");
}

MISTAKE free_inside(void)
{
    block = make_block();
    NAME(free)(block + 16);
    NAME(free)(block);
}

MISTAKE free_twice(void)
{
    block = make_block();
    NAME(free)(block);
    NAME(free)(block);
}

MISTAKE resize_freed(void)
{
    block = make_block();
    NAME(free)(block);
    block = NAME(realloc)(block, 2 * size);
}

#define DIE_UNLESS(condition) ((condition) ? (void)0 : die(#condition, __LINE__))
static void die(const char *condition, int line)
{
    fprintf(stderr, "mistakes.c:%d: not %s\n", line, condition);
    _exit(99);
}

static void check(void *pointer, size_t bytes, size_t alignment)
{
    DIE_UNLESS(pointer != NULL && (size_t)pointer % alignment == 0);
    DIE_UNLESS(NAME(malloc_usable_size)(pointer) >= bytes);
    memset(pointer, 1, bytes);
}

static void allocate_bytes(size_t bytes)
{
    char *plain = NAME(malloc)(bytes), *cleared = NAME(calloc)(bytes, 2), *aligned = NULL;
    for (size_t i = 0; i < 2 * bytes; i++)
        DIE_UNLESS(cleared[i] == 0);
    check(plain, bytes, 16);
    plain = NAME(realloc)(plain, 2 * bytes);
    DIE_UNLESS(plain[bytes - 1] == 1);
    check(plain, 2 * bytes, 16);
    DIE_UNLESS(NAME(posix_memalign)((void **)&aligned, 1024, bytes) == 0);
    check(aligned, bytes, 1024);
    NAME(free)(plain);
    NAME(free)(cleared);
    NAME(free)(aligned);
    NAME(free)(NAME(reallocarray)(NULL, 3, bytes));
    NAME(free)(NAME(aligned_alloc)(4096, 4096));
}

static void *allocate(void *nothing)
{
    for (size_t bytes = 1; bytes < 3000000; bytes = 3 * bytes + 1)
        allocate_bytes(bytes);
    NAME(free)(NAME(malloc)(0));
    return nothing;
}

static void allocate_everywhere(void)
{
    pthread_t thread;
    int status = 1;
    DIE_UNLESS(pthread_create(&thread, NULL, allocate, NULL) == 0);
    pid_t child = fork();
    allocate(NULL);
    if (child == 0)
        _exit(0);
    DIE_UNLESS(pthread_join(thread, NULL) == 0);
    DIE_UNLESS(waitpid(child, &status, 0) == child && status == 0);
}

static void make_mistakes(void)
{
    leak();
    leak_list();
    write_behind();
    write_before();
    read_undefined();
    read_freed();
    free_inside();
    free_twice();
    resize_freed();
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "make") == 0)
        make_mistakes();
    else
        allocate_everywhere();
    puts("end");
    return 0;
}
