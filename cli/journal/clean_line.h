/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of a journal as reports show it. Names in it may be anybody's, and reports are for terminals: what is no
 * character of a line becomes '?' in all its texts, but for a profile as it was saved, which has several lines. Pure;
 * any thread. Below: utf8. */
#ifndef HAK_JOURNAL_CLEAN_LINE_H
#define HAK_JOURNAL_CLEAN_LINE_H

#include <jansson.h>

/* A copy of LINE, which the caller releases. */
json_t *clean_line(const json_t *line);

#endif
