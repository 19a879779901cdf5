/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time: how much there is, how much a race will take, and what is kept back for the proof.
 *
 * The clock is given, so that a test can turn it. Seconds throughout. One thread. Below: cli/machine/clock. */
#ifndef HAK_TUNE_BUDGET_H
#define HAK_TUNE_BUDGET_H

#include "cli/machine/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget {
    struct clock clock;
    double start;    /* when the session began; earlier by what it has used already if it was resumed */
    double total;    /* seconds; INFINITY: the number of trials ends the search, until then */
    double search;   /* share of the total (0 to 1) with which no new candidates come in... */
    double playoff;  /* ...the best have raced each other... */
    double simplify; /* ...and the winner has been simplified; the rest is the proof's */
    double reserved; /* seconds that the proof needs at least */
};

/* Begins now, with USED seconds of TOTAL gone. At least the proof's share is left, whatever USED says. */
void budget_init(struct budget *budget, const struct clock *clock, double total, double used);
/* Nothing was found so far: what is left is shared out as the whole was. */
void budget_begin_again(struct budget *budget);
double budget_now(const struct budget *budget);
double budget_elapsed(const struct budget *budget);
/* Keeps SECONDS back for the proof, where that is more than its usual share. */
void budget_reserve(struct budget *budget, double seconds);
/* Ends the search of a budget that the number of trials has ended: what comes after it gets the same share as with a
 * limit of time. */
void budget_end_search(struct budget *budget);
/* Seconds until SHARE (0 to 1) of the budget is gone; 0 at least. */
double budget_left(const struct budget *budget, double share);

/* How long things take: a run of N operations takes fixed + N * per_operation active seconds, a race of several
 * contenders the sum of their runs times `overhead` (waiting for stops, starting processes), learnt from every race. */
struct pace {
    double fixed;         /* active seconds of start and warm-up, and of a whole run where the work cannot be scaled */
    double per_operation; /* 0: the work cannot be scaled */
    double overhead;      /* wall seconds for each active second */
};

/* From two runs of FEWER and MORE operations, which took these active seconds. */
void pace_init(struct pace *pace, uint64_t fewer, double seconds_fewer, uint64_t more, double seconds_more);
/* For work that is what it is. */
void pace_init_fixed(struct pace *pace, double seconds);

bool pace_scales(const struct pace *pace);
/* Active seconds of one run. */
double pace_run(const struct pace *pace, uint64_t operations);
/* Wall seconds of a race. */
double pace_race(const struct pace *pace, size_t contenders, uint64_t operations);
/* The operations with which a run takes about ACTIVE seconds, warm-up included, of which at least LEAST are measured. 0
 * where the work cannot be scaled. */
uint64_t pace_operations(const struct pace *pace, double active, double least);
/* Learns from a race that was expected to take pace_race(...) = EXPECTED and took ACTUAL wall seconds. */
void pace_learn(struct pace *pace, double expected, double actual);

#endif
