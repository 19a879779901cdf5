/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extended regular expressions that a user gives. The C library needs memory and time without bounds for some that are
 * short, since it copies what is repeated: "a" and twenty-five "+", "((a*)*){1000}". So each is compiled by a child
 * first, whose memory and processor time are limited.
 *
 * From a program of one thread. */
#ifndef HAK_METRIC_EXPRESSION_H
#define HAK_METRIC_EXPRESSION_H

#include <stddef.h>

/* For messages: what compiling one may need at most. */
#define EXPRESSION_LIMIT "a second and 256 MiB"

#define EXPRESSION_WHY 128

/* Whether TEXT can be compiled, with regcomp(3)'s REG_EXTENDED. 0, and GROUPS, if not NULL, is how
 * many groups in parentheses it has; else -1, and WHY says what is wrong with it. */
int expression_check(const char *text, size_t *groups, char why[EXPRESSION_WHY]);

#endif
