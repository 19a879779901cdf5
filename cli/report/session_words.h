/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session found, in words: goals, gains, verdicts. Pure functions; any thread. Below: conclusion,
 * cli/tune/session. */
#ifndef HAK_REPORT_SESSION_WORDS_H
#define HAK_REPORT_SESSION_WORDS_H

#include "cli/journal/session_record.h"

#include <stddef.h>

/* "time, at most 10% more peak memory than the default": of GOAL, of any aim. */
void session_words_goal(const struct goal *goal, char *text, size_t size);

/* The headline of AIM in one line: "5.2% faster than the default (95% interval 4.1% to 6.3%, p = 0.0003, 24 pairs),
 * peak memory +1.0%". Of the recommended one, where it has no winner, "nothing to win: ...", or "could not tell ...",
 * with the budget that would. */
void session_words_verdict(const struct session_record *record, enum goal_aim aim, char *text, size_t size);

/* The same in a few words: "4.1% cheaper", "Nothing to win", "Could not tell", "Not finished". */
void session_words_headline(const struct session_record *record, enum goal_aim aim, char *text, size_t size);

/* "pairs of runs vary by 0.9% (standard deviation), the default's own times by 4.1%" */
void session_words_noise(const struct session_record *record, char *text, size_t size);

/* The change in METRIC: "-3.1% (95% interval -3.5% to -2.7%), p = 0.002"; of time that of the speed. */
const char *session_words_change(const struct metric_set *set, enum metric metric, const struct proof_figure *figure,
                                 char *text, size_t size);

/* The change that goes with GAIN, a log ratio, in percent: of time that of the speed, as more work in the same time; of
 * all others that of the figure. */
double session_words_percent(const struct metric_set *set, enum metric metric, double gain);

/* How much better GAIN is, in percent: "3 % faster", "3 % less memory"; below 0 it is worse. */
double session_words_amount(const struct metric_set *set, enum metric metric, double gain);

/* "speed", "peak memory": what session_words_change() is a change of. */
const char *session_words_title(const struct metric_set *set, enum metric metric);

#endif
