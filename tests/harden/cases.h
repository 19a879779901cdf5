/* SPDX-License-Identifier: MIT */
/* One misuse, by name (cases.c); a file for each moment at which it may be noticed. */
#ifndef HAK_TESTS_HARDEN_CASES_H
#define HAK_TESTS_HARDEN_CASES_H

#include <stddef.h>

/* The compiler would warn of misuse, or take it out. */
extern void *(*volatile allocate)(size_t);
extern void *(*volatile allocate_aligned)(size_t, size_t);
extern void (*volatile release)(void *);
extern void *(*volatile resize)(void *, size_t);
extern size_t (*volatile usable)(void *);

#define SHORT 48 /* of the thread's own */
#define LONG 160 /* of all threads */
#define MANY 5000

struct misuse_case {
    const char *name;
    void (*body)(void);
    size_t size; /* of the blocks that are used afterwards; 0: the case is noticed at the end */
};

/* The last has no name. */
extern const struct misuse_case at_call[];   /* the wrong call itself */
extern const struct misuse_case at_reuse[];  /* the free of a block that was written to; or what hands it out next */
extern const struct misuse_case at_end[];    /* a drain, the end of the thread or of the program */
extern const struct misuse_case unnoticed[]; /* nothing is reported */

/* Blocks of SIZE that are all different, and keep what is written to them. */
void use_heap(size_t size);

/* Runs BODY in a thread of its own, to its end. */
void in_thread(void *(*body)(void *), void *argument);

/* For that. */
void *free_once(void *block);

#endif
