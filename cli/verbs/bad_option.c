/* See bad_option.h. */
#include "cli/verbs/bad_option.h"

#include "cli/options.h"

#include <getopt.h>

int bad_option(const char *verb, char **argv, int code)
{
    return usage_error(code == ':' ? "%s: option '%s' needs a value" : "%s: cannot take option '%s'", verb, argv[optind - 1]);
}

int bad_argument(const char *verb, const char *text)
{
    return usage_error("%s: cannot take argument '%s'", verb, text);
}
