/* SPDX-License-Identifier: MIT */
/* One line on standard error, without allocating: what the library has to say goes through here. Any thread may call
 * it, at any time. */
#ifndef HAK_BASE_REPORT_H
#define HAK_BASE_REPORT_H

/* Writes "hakmem: ", the formatted text (at most 1,000 bytes of it) and a newline with one write(2). errno is kept. */
void report_line(const char *format, ...) __attribute__((format(printf, 1, 2), cold));

/* The same, then abort(): for misuse that would corrupt the heap if the program went on. */
_Noreturn void report_fatal(const char *format, ...) __attribute__((format(printf, 1, 2), cold));

#endif
