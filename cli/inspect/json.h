/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A look as JSON. Figures that the library's own statistics have as well (hak_stats_json) have the same names. Below:
 * look. */
#ifndef HAK_INSPECT_JSON_H
#define HAK_INSPECT_JSON_H

#include "cli/inspect/look.h"
#include "cli/output/json.h"

json_t *inspect_json(const struct look *look, const struct target *target);

#endif
