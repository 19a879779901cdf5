/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a session's page, in their order. PREFIX tells the ids of several sessions apart. Each function writes
 * one section, or nothing where nothing is known of it. One thread. Below: page, cli/report,
 * cli/journal/session_record. */
#ifndef HAK_HTML_SESSION_PARTS_H
#define HAK_HTML_SESSION_PARTS_H

#include "cli/journal/session_record.h"

#include <jansson.h>
#include <stdio.h>

void session_part_verdict(FILE *stream, const struct session_record *record, const char *prefix);
void session_part_front(FILE *stream, const struct session_record *record, const char *prefix);
void session_part_search(FILE *stream, const struct session_record *record, const char *prefix);
void session_part_settings(FILE *stream, const struct session_record *record, const char *prefix);
void session_part_trials(FILE *stream, const struct session_record *record, const char *prefix);
void session_part_race(FILE *stream, const struct session_record *record, const char *prefix);
void session_part_machine(FILE *stream, const struct session_record *record, const char *prefix);
void session_part_profile(FILE *stream, const struct session_record *record, const char *prefix);

/* What the charts of these parts show. Caller owns it. */
json_t *session_data(const struct session_record *record);

/* "recommended", "fastest", or "finalist 2": what the finalist is called in charts and tables. Returns TEXT. */
const char *session_finalist_name(const struct session_record *record, size_t index, char *text, size_t size);

/* The memory that the front is about: the mean, or the peak where that is the goal or no mean is known. */
enum metric session_front_memory(const struct session_record *record);

#endif
