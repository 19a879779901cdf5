/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune params: the table of parameters, from the schema. */
#include "cli/verbs/params_print.h"
#include "cli/verbs/verbs.h"

#include <stdio.h>

int verb_params(const struct options *options)
{
    params_print(stdout, (enum output_format)options->format);
    return 0;
}
