/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is tuned: an allocator with its settings.
 *
 * A setting is a row, in the form of the profile's schema. A point of the search space becomes values, one for each
 * row; a subject says which values go together, what process they make (a launch), and how they are saved. Nothing
 * above knows an allocator by name. A subject is read-only once made; any thread may read it. Below: launch,
 * lib/profile/schema, cli/machine/limits. */
#ifndef HAK_SUBJECT_SUBJECT_H
#define HAK_SUBJECT_SUBJECT_H

#include "cli/machine/limits.h"
#include "cli/subject/launch.h"
#include "lib/profile/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SUBJECT_MAX_ROWS HAK_PROFILE_MAX_PARAMETERS
_Static_assert(SUBJECT_MAX_ROWS <= LAUNCH_MAX_VARIABLES, "a variable for each row");

struct subject_kind;

struct subject {
    const struct subject_kind *kind;
    const char *name;        /* "hakmem" */
    const char *description; /* for people: name, version and library */
    const char *baseline;    /* for people: what it is as it comes, "default profile" */
    const char *library;     /* absolute path of what is preloaded; NULL: nothing */
    const struct hak_parameter *rows;
    size_t count;     /* of rows, at most SUBJECT_MAX_ROWS */
    const void *data; /* the kind's own */
};

/* Of each row its value; 0 for rows that are no numbers. */
struct subject_values {
    uint64_t value[SUBJECT_MAX_ROWS];
};

/* Two rows whose values do not go together; `other` may be NULL. */
struct subject_offence {
    const struct hak_parameter *row, *other;
};

struct subject_kind {
    const char *suffix;  /* of the file that is saved: ".yaml" */
    bool in_environment; /* a point is environment variables, else a file that a variable names */
    /* The largest value of ROW that makes sense on MACHINE. */
    uint64_t (*maximum)(const struct hak_parameter *row, const struct machine_limits *machine);
    /* Whether the word CHOICE of ROW means anything on MACHINE. */
    bool (*has_choice)(const struct hak_parameter *row, uint64_t choice, const struct machine_limits *machine);
    /* Changes what is better changed than refused. */
    void (*adjust)(struct subject_values *values, const struct machine_limits *machine);
    /* Whether the values go together. */
    bool (*check)(const struct subject_values *values, struct subject_offence *offence);
    /* The first point number INDEX of those that experience holds for good on MACHINE, the most promising for speed
     * first, or for little memory if LOW_MEMORY. VALUES holds the defaults. False: there are no more. */
    bool (*seed)(const struct subject *subject, const struct machine_limits *machine, bool low_memory, size_t index,
                 struct subject_values *values);
    /* Fills in what a process with VALUES has in its environment. FILE: what `write` wrote, unless in_environment. */
    void (*launch)(const struct subject *subject, const struct subject_values *values, const char *file,
                   struct launch_environment *environment);
    /* Writes the file that is saved: VALUES under NAME, with COUNT lines of COMMENTS before them. */
    bool (*write)(const struct subject *subject, const struct subject_values *values, const char *name,
                  const char *const *comments, size_t count, FILE *stream);
    /* Whether the file at PATH, which is there and not empty, is one that `write` made; else why not is in MESSAGE. */
    bool (*is_own)(const struct subject *subject, const char *path, char *message, size_t size);
};

/* The values of the allocator as it comes. */
void subject_defaults(const struct subject *subject, struct subject_values *values);

/* The row of KEY, or NULL. */
const struct hak_parameter *subject_find(const struct subject *subject, const char *key);

#endif
