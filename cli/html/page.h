/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report as one HTML file: its frame, and the pieces that its parts are made of.
 *
 * All that it needs is in it: style, charts (Chart.js, as configure found it) and what the page does (report/). It may
 * ask no network for anything, which its content security policy says to the browser too. The tables stand without
 * JavaScript; charts are made from the data at the file's end. One thread; only the stream is written to. Below:
 * assets, cli/output. */
#ifndef HAK_HTML_PAGE_H
#define HAK_HTML_PAGE_H

#include "cli/output/table.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Whether this program was built with what a page needs. False: one line in MESSAGE. */
bool page_possible(char *message, size_t size);

/* --- the frame ---------------------------------------------------------------------------------------------------- */

/* TITLE is what a browser's tab shows; SUBTITLE stands in the page's bar beside the program's name. */
void page_begin(FILE *stream, const char *title, const char *subtitle);

/* With COUNT parts of which one is shown at a time: the tabs that choose, by LABELS. Without JavaScript all are shown.
 */
void page_tabs(FILE *stream, const char *const *labels, size_t count);
void page_tab_begin(FILE *stream, size_t index, const char *label);
void page_tab_end(FILE *stream);

/* Ends the page with DATA, which the charts are made from. */
void page_end(FILE *stream, const json_t *data);

/* --- pieces ------------------------------------------------------------------------------------------------------- */

/* A section with a heading. PREFIX and NAME make its id; SHORT_TITLE is what the page's bar calls it. LEAD, a sentence
 * or two on what is seen, may be NULL. */
void page_section_begin(FILE *stream, const char *prefix, const char *name, const char *short_title, const char *title,
                        const char *lead);
void page_section_end(FILE *stream);

/* The place of a chart, which is what KIND says of the data of PREFIX. LABEL is read out to who does not see it. */
void page_chart(FILE *stream, const char *prefix, const char *kind, const char *label);

/* A table in a frame that scrolls where it is wider than the page, with NAME read out; takes the table over. WORDS are
 * names of classes besides, may be NULL: "sorts" lets its columns be sorted and its rows be filtered. */
void page_table(FILE *stream, struct table *table, const char *name, const char *words);

void page_paragraph(FILE *stream, const char *words, const char *text);

/* TEXT, which begins small and has no full stop, as a sentence. */
void page_sentence(FILE *stream, const char *words, const char *text);

/* TEXT to be copied, under NAME. */
void page_copy(FILE *stream, const char *name, const char *text);

#endif
