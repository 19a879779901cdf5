/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions as one HTML file, made from their records alone: the verdict first; the front of time against memory; how
 * the search went; what each setting did; every candidate; the proof as it ran; the machine; and the profile, with how
 * it is put to use. Below: session_parts, compare_part, page. */
#ifndef HAK_HTML_SESSION_PAGE_H
#define HAK_HTML_SESSION_PAGE_H

#include "cli/compare/comparison.h"
#include "cli/journal/session_record.h"

#include <stdio.h>

/* The race of all allocators after their sessions. */
struct session_page_race {
    const struct comparison *comparison;
    const char *advice; /* what to set for the best; empty: nothing */
};

/* COUNT sessions, of which several are shown one at a time. RACE comes first; NULL: there was none. After
 * page_possible(). */
void session_page_write(FILE *stream, const struct session_record *const *records, size_t count,
                        const struct session_page_race *race);

#endif
