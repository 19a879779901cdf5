/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune params: the table of parameters, from the schema, or of another allocator's settings. */
#include "cli/options/usage.h"
#include "cli/output/format.h"
#include "cli/output/memory.h"
#include "cli/subject/choice.h"
#include "cli/verbs/params_print.h"
#include "cli/verbs/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int print_settings(const char *name, enum output_format format)
{
    char message[1024];
    struct allocator *allocator = must_have(malloc(sizeof *allocator));
    bool good = choice_load(allocator, name, message, sizeof message);
    if (good) {
        params_print(stdout, format, allocator);
        allocator_free(allocator);
    }
    free(allocator);
    return good ? 0 : usage_error(VERB_PARAMS, "--allocator: %s", message);
}

int verb_params(const struct options *options)
{
    enum output_format format = (enum output_format)options->format;
    if (strcmp(options->allocator, CHOICE_HAKMEM) != 0)
        return print_settings(options->allocator, format);
    params_print(stdout, format, NULL);
    return 0;
}
