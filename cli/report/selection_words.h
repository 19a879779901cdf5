/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came of a selection among allocators, in words. Pure functions; any thread. Below: session_words, conclusion,
 * cli/compare/selection, cli/journal/session_record. */
#ifndef HAK_REPORT_SELECTION_WORDS_H
#define HAK_REPORT_SELECTION_WORDS_H

#include "cli/compare/selection.h"
#include "cli/journal/session_record.h"
#include "cli/subject/subject.h"
#include "cli/tune/remark.h"

#include <stdbool.h>
#include <stddef.h>

/* Room for any text that is written here. */
#define SELECTION_WORDS 1536

/* What a report says of one allocator besides what the selection has. */
struct selection_member {
    const char *label; /* in tables */
    const struct subject *subject;
    const struct session_record *record; /* of its session; NULL: there was none */
    const char *journal;                 /* of that; NULL: there is none */
    const char *output;                  /* the file with its tuned settings; NULL: there is none */
};

/* What a report is made from. */
struct selection_view {
    const struct selection *selection;
    const struct selection_member *members; /* selection->count */
    const char *name;                       /* of the work */
    const struct goal *goal;                /* goal_for() the recommended aim */
    const struct remarks *remarks;          /* what was said of the work before the first race */
    const char *saved;                      /* the file with the recommended settings; NULL: there is none */
    const char *profile; /* what HAKMEM_PROFILE is to be for the recommended one; NULL: it has no profile */
};

/* Whose contender INDEX of the last race is; *TUNED: as tuned, not as it comes. */
size_t selection_owner(const struct selection *selection, size_t index, bool *tuned);

/* Whether another contender than the first is recommended. */
bool selection_recommends(const struct selection *selection);

/* "jemalloc, tuned: 12.3% cheaper than glibc (95% interval 10.1% to 14.2%, p = 0.002, 14 rounds)", or why the first is
 * recommended, or none. */
const char *selection_words_recommendation(const struct selection_view *view, char text[SELECTION_WORDS]);

/* Who was not tuned for want of time, and the budget that has time for all; empty where there is nobody. */
const char *selection_words_left(const struct selection_view *view, char text[SELECTION_WORDS]);

/* What tuning allocator INDEX came to, or why it was left out of the race or of tuning; empty: nothing is to be said.
 */
const char *selection_words_fate(const struct selection_view *view, size_t index, char text[SELECTION_WORDS]);

/* Where all others were left out before the race: that the work is done with the first alone, why, and what tuning it
 * came to. */
const char *selection_words_alone(const struct selection_view *view, char text[SELECTION_WORDS]);

#endif
