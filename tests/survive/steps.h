/* SPDX-License-Identifier: MIT */
/* Random use of the whole API against a shadow map, which knows of each block its length, its alignment and its bytes.
 * A step follows from a seed and its number alone, so that any subset of steps can be played again. Steps act on slots;
 * a slot holds a block or none, and belongs to the thread that plays a step on it, so blocks pass between threads.
 * Where the program forks, the parent plays on in all threads, and the child by itself the steps that are left.
 *
 * One program plays at a time. What is wrong is told on standard error, and steps_play returns false. */
#ifndef HAK_TESTS_STEPS_H
#define HAK_TESTS_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define STEPS_MOST_THREADS 16
#define STEPS_MOST_FORKS 16 /* of a thread */

struct steps {
    uint64_t seed;
    const uint32_t *numbers; /* of the steps to play, in order; NULL: all */
    uint64_t count;
    unsigned threads;     /* step number N is thread N % threads's */
    size_t largest;       /* bytes of a block at most */
    unsigned large_share; /* in a thousand: of the requests those of up to LARGEST bytes, the others being shorter */
    bool may_be_refused;  /* NULL with ENOMEM is no fault */
    bool planted;         /* the allocator is made to have a fault, for tests of the tester: realloc spoils a byte */
    uint64_t fork_each;   /* the thread whose step has a multiple of this number forks before it; 0: none does */
    /* What a child of these forks does in the end; LOST blocks at most are those that other threads had in hand. */
    bool (*child_ends)(unsigned lost);
};

struct steps_result {
    uint64_t played;
    uint64_t refused; /* requests */
    uint64_t forks;
    uint64_t wrong_step;
};

/* Plays STEPS in its threads, which end; the slots keep their blocks. False where something was wrong; the other
 * threads stop then as well. */
bool steps_play(const struct steps *steps, struct steps_result *result);

/* Looks at all blocks that the slots hold; then frees them. False where something was wrong. */
bool steps_all_hold(void);
bool steps_release_all(void);

/* One line that says what step NUMBER does. */
void steps_describe(const struct steps *steps, uint64_t number, FILE *file);

#endif
