/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of text: aligned for people, Markdown, HTML, or comma-separated values (RFC 4180).
 *
 * A table belongs to its maker and to one thread at a time. Running out of memory ends the program, as everywhere in
 * hakmem-tune's output. Texts may have anybody's names in them: what a terminal would act upon, but for a newline or a
 * colour, becomes '?'. Below this file: format, html, utf8. */
#ifndef HAK_OUTPUT_TABLE_H
#define HAK_OUTPUT_TABLE_H

#include "cli/output/format.h"

#include <stddef.h>
#include <stdio.h>

#define TABLE_MAX_COLUMNS 16

struct table;

/* COLUMNS: the headings, up to NULL. ALIGNMENT: one letter a column, 'l' or 'r'. Free with table_free. */
struct table *table_new(const char *const *columns, const char *alignment);

/* Adds a row of as many cells as there are columns; the texts are copied. */
void table_add(struct table *table, const char *const *cells);

/* Writes the table as OUTPUT_TEXT, OUTPUT_MARKDOWN, OUTPUT_HTML or OUTPUT_CSV. As text it stays within WIDTH characters
 * (0: as wide as it is): headings break at blanks, then cells of left-aligned columns do, then their words are cut;
 * numbers never break. */
void table_print(const struct table *table, FILE *stream, enum output_format format, unsigned width);

void table_free(struct table *table);

/* Writes TEXT as lines of at most WIDTH characters, each indented by INDENT blanks. */
void table_print_paragraph(FILE *stream, const char *text, unsigned indent, unsigned width);

/* The same after LABEL, which takes the INDENT blanks' place on the first line. WIDTH 0: on one line. */
void table_print_entry(FILE *stream, const char *label, const char *text, unsigned indent, unsigned width);

/* Writes a line, broken at blanks where it is longer than a line of STREAM has room for; what goes on is indented. */
void table_print_line(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* TEXT as lines of at most WIDTH characters, which each but the first begin with INDENT blanks, malloc'd. */
char *table_fold(const char *text, unsigned indent, unsigned width);

/* How many characters a line of STREAM has: the terminal's width (at least 20), or 80 where it is no terminal. */
unsigned table_stream_width(FILE *stream);

#endif
