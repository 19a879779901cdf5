/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every verb says to an option it cannot take. Below this file: options. */
#ifndef HAK_VERBS_BAD_OPTION_H
#define HAK_VERBS_BAD_OPTION_H

/* After getopt_long (option string starting with ':', opterr 0) returned CODE ('?' or ':'): prints the one line and
 * returns exit status 2. */
int bad_option(const char *verb, char **argv, int code);

/* Prints that VERB knows no argument TEXT and returns exit status 2. */
int bad_argument(const char *verb, const char *text);

#endif
