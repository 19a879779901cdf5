/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any other allocator, as a file of data describes it: which libraries it has, its settings, how they are written in
 * the environment, and how it says what it took. The files are spaces/NAME.yaml; doc/spaces.md is their format.
 *
 * An allocator is read-only once loaded; any thread may read it. Below: subject, cli/yaml/tree. */
#ifndef HAK_SUBJECT_ALLOCATOR_H
#define HAK_SUBJECT_ALLOCATOR_H

#include "cli/subject/subject.h"
#include "cli/yaml/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALLOCATOR_MAX_PATTERNS 8
#define ALLOCATOR_MAX_SHOWS 4

/* What the row of a setting does not hold. */
struct allocator_setting {
    const char *source;               /* where the allocator's own documentation names it */
    const char *since, *until;        /* the first and the last version that has it; NULL: all */
    uint64_t step;                    /* what one of the allocator's own units is: 1024 where it counts KiB; else 1 */
    const char *suffix;               /* written behind the number: "K"; NULL: nothing */
    const struct yaml_node *defaults; /* by the version from which on each holds, ascending; NULL: one for all */
};

/* How an allocator is asked: a program that runs with it, and what it prints or its file holds. */
struct allocator_question {
    bool is_asked;           /* it can be asked at all */
    bool in_library;         /* the answer is text in the library's file... */
    bool in_name;            /* ...or in the file's name; else in what the program prints */
    bool by_loader;          /* the program is the dynamic loader, else true(1) */
    const char *argument;    /* of the program; may be NULL */
    const char *key, *value; /* a setting that makes it talk; may be NULL */
    const char *since;       /* versions before say nothing; may be NULL */
    const char *after;       /* a version's number follows it */
    /* One of these is there for a setting that was taken; {name}, {value} and {hex} stand for the setting's. */
    const char *shows[ALLOCATOR_MAX_SHOWS + 1];
};

struct allocator {
    struct yaml_tree tree; /* all texts are in it */
    const char *name;
    const char *what;
    const char *patterns[ALLOCATOR_MAX_PATTERNS + 1]; /* of its libraries' names, the best first; none: the C library */
    const char *package;                              /* Debian's, for messages; may be NULL */
    const char *variable;                             /* one for all settings; NULL: one for each... */
    const char *pair, *separator;                     /* ...else between a name and its value, and between settings */
    const char *prefix;                               /* ...whose name is this and the setting's in capitals */
    const char *off, *on;                             /* the words of a switch */
    struct allocator_question version, confirm;
    struct hak_parameter rows[SUBJECT_MAX_ROWS];
    struct allocator_setting settings[SUBJECT_MAX_ROWS];
    size_t count;
    const struct yaml_node *first_speed, *first_memory; /* lists of first points; may be NULL */
};

/* Reads the file at PATH. False: one line in MESSAGE, "FILE:LINE:COLUMN: what is wrong", and nothing to free. */
bool allocator_load(struct allocator *allocator, const char *path, char *message, size_t size);
void allocator_free(struct allocator *allocator);

/* The name of the environment variable that holds the setting of row INDEX. */
const char *allocator_variable(const struct allocator *allocator, size_t index, char *text, size_t size);

/* VALUE of row INDEX as the allocator shows it: as it reads it, less the suffix. */
const char *allocator_value(const struct allocator *allocator, size_t index, uint64_t value, char *text, size_t size);

/* Takes the settings out of the search that VERSION ("5.3.0") does not have, and the others' defaults from it. */
void allocator_limit_to(struct allocator *allocator, const char *version);

/* Whether A is an earlier version than B. */
bool allocator_is_before(const char *a, const char *b);

/* ALLOCATOR on LIBRARY (NULL: the C library's own) as a subject, which borrows both. */
struct subject subject_allocator(const struct allocator *allocator, const char *library);

/* What SUBJECT's variables hold with VALUES, and KEY (may be NULL) set to VALUE besides. */
void allocator_set_all(const struct allocator *allocator, const struct subject_values *values, const char *key,
                       const char *value, struct launch_environment *environment);

#endif
