/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a proof without a winner says: that there is nothing to win, or that it could not tell, and then how many more
 * pairs would. Pure; any thread. Below: cli/journal/session_record. */
#ifndef HAK_REPORT_CONCLUSION_H
#define HAK_REPORT_CONCLUSION_H

#include "cli/journal/session_record.h"

#include <stdbool.h>
#include <stddef.h>

/* What a gain has to be for anybody to care: 1 %. */
#define CONCLUSION_WORTH 0.01

struct conclusion {
    bool unclear;    /* a finalist may be better by CONCLUSION_WORTH and keep to the limits, and is not known to */
    size_t finalist; /* the one that takes the fewest pairs to be sure of */
    double pairs;    /* more than were run; INFINITY: too many */
    double budget;   /* seconds of a session that has room for so many; INFINITY: too many, or more than a proof has */
};

/* Of a session that came to its end without a recommended winner. */
struct conclusion conclusion_of(const struct session_record *record);

/* SECONDS or a little more, as --budget takes it: "90s", "12m", "3h". Returns TEXT. */
const char *conclusion_budget(double seconds, char *text, size_t size);

#endif
