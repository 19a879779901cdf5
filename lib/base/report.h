/* SPDX-License-Identifier: MIT */
/* What the library has to say, without allocating: a line on standard error, or a longer text. Any thread may call it,
 * at any time. */
#ifndef HAK_BASE_REPORT_H
#define HAK_BASE_REPORT_H

#include <stdbool.h>
#include <stddef.h>

/* Notes which file standard error is. Called once, at the start. */
__attribute__((cold)) void report_start(void);

/* Whether standard error is still that file (true before report_start). A program may close descriptor 2, and the next
 * file that it opens is in its place: what is written there would be among its data. A program that redirects its
 * standard error itself cannot be told from one, and is spared the lines as well. errno may change. */
__attribute__((cold)) bool report_has_standard_error(void);

/* Writes all of TEXT to DESCRIPTOR, with one write(2) where that takes it. Returns how many bytes; where these are not
 * all, errno says why. No cancellation point, as write is: what is said is said to the end, whether or not locks are
 * held. errno may change. */
__attribute__((cold)) size_t report_text(int descriptor, const char *text, size_t length);

/* Writes "hakmem: ", the formatted text (at most 1,000 bytes of it) and a newline with one write(2), where standard
 * error is what it was. errno is kept. */
void report_line(const char *format, ...) __attribute__((format(printf, 1, 2), cold));

/* The same, then abort(), outside of the gate: for what leaves no way to go on. */
_Noreturn void report_fatal(const char *format, ...) __attribute__((format(printf, 1, 2), cold));

/* The same for misuse that would corrupt the heap if it were carried out. Where HAKMEM_ABORT is 0 it returns after the
 * line, and the caller leaves the block alone: it is lost, and the program goes on. Then REPORT_MISUSES_MOST lines are
 * written at most, since the same mistake may come over and over. */
#define REPORT_MISUSES_MOST 100
void report_misuse(const char *format, ...) __attribute__((format(printf, 1, 2), cold));

/* The same of something that the details know more of. */
void report_misuse_of(const void *subject, const char *format, ...) __attribute__((format(printf, 2, 3), cold));

/* DETAILS writes what follows the line of a report of misuse: more lines, by report_detail. It gets the SUBJECT of
 * report_misuse_of, NULL for other misuse. For the start. */
void report_set_details(void (*details)(const void *subject)) __attribute__((cold));

/* Writes the formatted text as report_line does, with blanks in place of "hakmem: ". errno is kept. */
void report_detail(const char *format, ...) __attribute__((format(printf, 1, 2), cold));

#endif
