/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See bad_option.h. */
#include "cli/verbs/bad_option.h"

#include "cli/verbs/options.h"

#include <ctype.h>
#include <getopt.h>

int bad_option(const char *verb, char **argv, int code)
{
    if (code == '?' && optopt != 0 && optopt < 256) /* a letter, in a word that getopt may not have left yet */
        return usage_error("%s: cannot take option '-%c'", verb, isprint((unsigned char)optopt) ? optopt : '?');
    return usage_error(code == ':' ? "%s: option '%s' needs a value" : "%s: cannot take option '%s'", verb,
                       argv[optind - 1]);
}

int bad_argument(const char *verb, const char *text)
{
    return usage_error("%s: cannot take argument '%s'", verb, text);
}
