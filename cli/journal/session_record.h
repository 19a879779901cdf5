/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that is known of a session: what every report of it is made from.
 *
 * It is filled by a journal's lines, which a live session writes into it as it writes them into the file; so both hold
 * the same, and a report that is made later says what the session said. What was tuned need not be on this machine: the
 * space is made of the texts in the header, and its subject has names alone, no way to be launched.
 *
 * One thread. It is not moved once begun: the space points into it. Below: restore, record_header, record_outcome,
 * cli/tune. */
#ifndef HAK_JOURNAL_SESSION_RECORD_H
#define HAK_JOURNAL_SESSION_RECORD_H

#include "cli/search_space/space.h"
#include "cli/tune/candidate.h"
#include "cli/tune/events.h"
#include "cli/tune/outcome.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A candidate of the search, with all its runs. */
struct record_trial {
    struct candidate candidate;
    double begun, ended; /* seconds of the session at which its first and its last run ended */
};

/* A pair of the proof: one race of the finalists that were left. */
struct record_pair {
    double ended; /* seconds of the session */
    uint64_t seed;
    struct metric_sample baseline;
    size_t count;
    struct record_run {
        size_t finalist; /* index in outcome.proof.finalists */
        bool failed;
        struct metric_sample gain;
    } runs[PROOF_MAX_FINALISTS];
    json_t *turns; /* as the line has them; NULL: they were not kept */
};

struct record_stage {
    enum tune_stage stage;
    double begun; /* seconds of the session */
};

struct session_record {
    json_t *header; /* has all texts below */
    const char *version, *started;
    struct {
        const char *label, *name, *description, *job; /* job: empty where there is none */
    } work;
    struct space space;
    struct hak_parameter rows[SPACE_MAX_DIMENSIONS];
    const char **choices[SPACE_MAX_DIMENSIONS];
    struct goal goal;
    double budget;          /* seconds; INFINITY: `trials_wanted` ended the search */
    unsigned trials_wanted; /* 0: the budget did */
    uint64_t seed;
    bool in_runs; /* not in turns */

    struct record_trial *trials;
    size_t trial_count;
    struct candidate_noise noise; /* after session_record_conclude */
    bool has_blocks;
    struct record_pair *pairs; /* of the last proof */
    size_t pair_count;
    struct record_stage *stages;
    size_t stage_count;

    bool has_ended; /* the session came to an end and said which; else the outcome is what is known so far */
    struct session_outcome outcome; /* its ablations and its finalists are there as soon as they are known */

    json_t *saved;                                 /* the line; NULL: nothing was */
    const char *path[GOAL_AIMS], *text[GOAL_AIMS]; /* of each saved profile, or NULL */
    const char *file[GOAL_AIMS];                   /* its absolute path, or NULL */
    const char *stays; /* a recommended profile that was there before and was not replaced */
};

/* Begins with HEADER, which is borrowed. False: MESSAGE says what a report needs and it does not have; there is nothing
 * to clear then. */
bool session_record_begin(struct session_record *record, json_t *header, char *message, size_t size);

/* Takes one more line, which is borrowed. One of unknown type is left out. */
void session_record_take(struct session_record *record, const json_t *line);

/* After the last line, before any report: what follows from them. */
void session_record_conclude(struct session_record *record);

void session_record_clear(struct session_record *record);

/* Reads the journal at PATH, that of a session that runs as well. False: one line, which names PATH, in MESSAGE. NOTE
 * (of SIZE bytes as well): what is to be said of it though it can be read, or empty. */
bool session_record_load(struct session_record *record, const char *path, char *message, char *note, size_t size);

/* The environment variables that set the recommended winner; nothing where there is none, or where it is a profile.
 * launch_clear() afterwards. */
void session_record_environment(const struct session_record *record, struct launch_environment *environment);

#endif
